package codes

// v3Exception is a code whose words do not say what it means.
type v3Exception struct {
	product string // empty: the code's words name it enough
	class   Class
	arrived bool // it answers a repeated request: the first one arrived
	doubt   bool // it is spoken after the work, or while it is done
}

var v3Exceptions = map[string]v3Exception{
	// Class and effect that API 3.0's own gateway gives.
	"AuthFailure.SignatureExpire": {class: ClassSignatureExpired},
	"LimitExceeded.ReplayAttack":  {class: ClassReplayed},
	"ResponseSizeLimitExceeded":   {class: ClassInvalid, doubt: true}, // the answer was ready

	// The domain's state, as its counterpart of API 2.0 has it.
	"UnauthorizedOperation.CdnHostIsToApplyHost": {class: ClassDomainState},

	// Answers to a repeated request.
	"FailedOperation.ClientTokenInUse":          {class: ClassBusy, arrived: true},
	"FailedOperation.RequestInProgress":         {class: ClassBusy, arrived: true},
	"UnsupportedOperation.IdempotentProcessing": {class: ClassBusy, arrived: true},
	"FailedOperation.DuplicatedRequest":         {class: ClassConflict, arrived: true},
	"FailedOperation.DuplicateRequest":          {class: ClassConflict, arrived: true},
	"RequestLimitExceeded.RepeatRequest":        {class: ClassThrottled, doubt: true},
	"LimitExceeded.MidasOrderProcessing":        {class: ClassBusy, doubt: true},
	"LimitExceeded.MidasOrderFailed":            {class: ClassFailed, doubt: true},

	// Rates that are called otherwise, and what is called a rate and is none.
	"FailedOperation.EngineServerLimitExceeded":  {class: ClassThrottled},
	"FailedOperation.SendVerifyCodeIsLimited":    {class: ClassThrottled},
	"InternalError.ExceedMaxLimit":               {product: "tts", class: ClassThrottled},
	"InvalidParameter.Common":                    {product: "dnspod", class: ClassThrottled},
	"InvalidParameter.OverLimit":                 {product: "sts", class: ClassThrottled},
	"LimitExceeded.IndexOperating":               {class: ClassThrottled},
	"LimitExceeded.OrderLimitError":              {product: "ape", class: ClassThrottled},
	"LimitExceeded.PhoneNumberThirtySecondLimit": {class: ClassThrottled},
	"LimitExceeded.Search":                       {product: "yunsou", class: ClassThrottled},
	"LimitExceeded.TagQuotaLimitExceeded":        {product: "cbs", class: ClassThrottled},
	"OperationDenied.OutQueryLimit":              {class: ClassThrottled},
	"RequestLimitExceeded.BatchImportOverflow":   {class: ClassInvalid},      // a size
	"RequestLimitExceeded.RotateRateLimited":     {class: ClassAccountState}, // once in 24 hours

	// Passing states that are called otherwise.
	"FailedOperation.CreateFaceConcurrent":                {class: ClassBusy},
	"FailedOperation.DataFlowTooManyRequests":             {class: ClassBusy},
	"FailedOperation.DocParsingNotDelete":                 {class: ClassBusy},
	"FailedOperation.FunctionStatusError":                 {product: "scf", class: ClassBusy},
	"FailedOperation.GroupInDeletedState":                 {class: ClassBusy},
	"FailedOperation.LabRunning":                          {class: ClassBusy},
	"FailedOperation.Migration":                           {product: "gaap", class: ClassBusy},
	"FailedOperation.OperateInstanceRepeatedly":           {class: ClassBusy},
	"FailedOperation.RescanVulProcessInUse":               {class: ClassBusy},
	"FailedOperation.TdsqlPaused":                         {class: ClassBusy},
	"InvalidParameter.BatchLimitUndo":                     {class: ClassBusy},
	"InvalidParameterValue.InvalidImageState":             {product: "cvm", class: ClassBusy},
	"LimitExceeded.MidasOrder":                            {class: ClassBusy},
	"OperationDenied.AccelerationDomainStatusNotInOnline": {class: ClassBusy},
	"OperationDenied.ConflictStatus":                      {product: "cdb", class: ClassBusy},
	"OperationDenied.DomainNoICP":                         {class: ClassDomainState},
	"OperationDenied.ProxyUpgradeTaskStatusError":         {class: ClassBusy},
	"RequestLimitExceeded.DeviceDownloadTask":             {class: ClassBusy},
	"ResourceInUse.CopySnapshotConflict":                  {class: ClassBusy},
	"ResourceInUse.Diagnose":                              {product: "es", class: ClassBusy},
	"ResourceInUse.Midas":                                 {class: ClassBusy},
	"ResourceUnavailable.DomainIpv6InConfigErr":           {class: ClassBusy},
	"ResourceUnavailable.RoomStatistics":                  {class: ClassBusy},
	"UnsupportedOperation.DeleteVpnConnInvalidState":      {class: ClassBusy},
	"UnsupportedOperation.FrequencyTopicDeleteOperate":    {class: ClassBusy},
	"UnsupportedOperation.ImageOccupied":                  {class: ClassBusy},
	"UnsupportedOperation.Inspection":                     {product: "redis", class: ClassBusy},
	"UnsupportedOperation.InvalidLifecycleDataTaskStatus": {class: ClassBusy},
	"UnsupportedOperation.TagAllocate":                    {product: "vpc", class: ClassBusy},
	"UnsupportedOperation.TagFree":                        {product: "vpc", class: ClassBusy},

	// What sounds like a passing state and stays.
	"FailedOperation.MidasRegisterUnfinished": {class: ClassDomainState},
	"ResourceUnavailable.NotReady":            {class: ClassUnsupported}, // not activated

	// Others whose name misleads.
	"ResourceNotFound.CdnUserTooManyHosts":       {class: ClassAccountState},
	"FailedOperation.GenerateImageFailed":        {class: ClassInvalid}, // the picture was censored
	"FailedOperation.ResourceBusy":               {product: "nlp", class: ClassUnavailable},
	"InternalError.InvalidErrorCode":             {class: ClassInternal},
	"InvalidParameter.RequestTimeout":            {product: "tcss", class: ClassInternal},
	"ResourceInUse.TKEAPIServerGetError":         {class: ClassInternal},
	"ResourceNotFound.SystemConfigNotFound":      {class: ClassInternal},
	"FailedOperation.BidPreDomainsTimeOutErr":    {class: ClassDomainState}, // the time for bids is over
	"FailedOperation.DebugModeUpdateTimeOutFail": {class: ClassDomainState},
	"FailedOperation.LoginTimeout":               {class: ClassDenied},
}
