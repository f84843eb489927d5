package codes

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

// tsv returns the rows of a file in testdata.
func tsv(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows [][]string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		rows = append(rows, strings.Split(lines.Text(), "\t"))
	}
	if len(rows) == 0 {
		t.Fatal(name, "is empty")
	}
	return rows
}

// Two readers labelled these codes independently; 97 in 100 of each label must
// be met.
func TestClassifyV3Judged(t *testing.T) {
	meets := func(label string, c Class) bool {
		switch c {
		case ClassThrottled, ClassBusy:
			return label == c.String()
		case ClassInternal, ClassUnavailable, ClassFailed:
			return label == "Server"
		}
		return label == "Permanent"
	}
	all, wrong := make(map[string]int), make(map[string]int)
	for _, row := range tsv(t, "v3judged.tsv") {
		code, label := row[0], row[1]
		product, _, _ := strings.Cut(row[2], ",")
		all[label]++
		for _, product := range []string{product, ""} {
			if v := ClassifyV3(code, product); !meets(label, v.Class) {
				wrong[label]++
				t.Logf("%s is %s, got %v by %q", code, label, v.Class, v.Rule)
				break
			}
		}
	}
	for _, label := range []string{"Throttled", "Busy", "Server", "Permanent"} {
		if all[label] == 0 || wrong[label]*100 > all[label]*3 {
			t.Errorf("%s: %d of %d are wrong", label, wrong[label], all[label])
		}
	}
}

// Every phrase of every rule, and every prefix, decides a code.
func TestClassifyV3Rules(t *testing.T) {
	decided := make(map[string]bool)
	for _, row := range tsv(t, "v3words.tsv") {
		v := ClassifyV3(row[0], "")
		if v.Class.String() != row[1] || v.Rule != row[2] {
			t.Errorf("%s: %v by %q, want %s by %q", row[0], v.Class, v.Rule, row[1], row[2])
		}
		decided[v.Class.String()+" "+v.Rule] = true
	}
	rules := v3Rules[:len(v3Rules):len(v3Rules)]
	for _, row := range v3Table {
		if got := ClassifyV3(row.name, "").Class; got != row.class && !strings.HasSuffix(row.name, "*") {
			t.Errorf("%s: %v, and its row says %v", row.name, got, row.class)
		}
		if !strings.Contains(row.name, ".") { // which is no prefix
			rules = append(rules, v3Rule{row.class, row.under, row.name})
		}
	}
	for _, rule := range rules {
		for text := range strings.SplitSeq(rule.words, ",") {
			if text = strings.TrimSpace(text); !decided[rule.class.String()+" "+text] {
				t.Errorf("no row of v3words.tsv is %v by %q", rule.class, text)
			}
		}
	}
}

// A row of the exceptions that changes nothing has no place there.
func TestClassifyV3Exceptions(t *testing.T) {
	for code, x := range v3Exceptions {
		got := ClassifyV3(code, x.product)
		if got.Class != x.class || got.Rule != code {
			t.Errorf("%s: %+v, want %+v", code, got, x)
		}
		if x.product != "" && ClassifyV3(code, "another").Rule == code {
			t.Errorf("%s: holds for another product than %s", code, x.product)
		}
		delete(v3Exceptions, code)
		plain := ClassifyV3(code, x.product)
		v3Exceptions[code] = x
		if plain.Class == got.Class && plain.Effect == got.Effect && plain.Arrived == got.Arrived {
			t.Errorf("%s: the rules say so without the exception", code)
		}
	}
}

// What words prove, and where a word raises a doubt.
func TestClassifyV3Effect(t *testing.T) {
	for code, want := range map[string]Effect{
		// Turned away.
		"RequestLimitExceeded":                      EffectNone,
		"FailedOperation.ResourceInOperating":       EffectNone,
		"InternalError.TaskAlreadyRunning":          EffectNone,
		"InternalError.QueryReqLimited":             EffectNone,
		"ResourceBusy":                              EffectNone,
		"ResourceInUse.ActivityInProgress":          EffectNone,
		"FailedOperation.ClusterNotFound":           EffectNone,
		"FailedOperation.NameAlreadyExists":         EffectNone,
		"InvalidImageId.NotFound":                   EffectNone,
		"UnauthorizedOperation.NoPermission":        EffectNone,
		"FailedOperation.CreateDisksNotSupported":   EffectNone,
		"LimitExceeded.PhoneNumberDailyLimit":       EffectNone,
		"OperationDenied.InstanceStateStopped":      EffectNone,
		"FailedOperation.ReCreatedlyBusy":           EffectNone, // a word, not its letters
		"FailedOperation.ResultantBusy":             EffectNone,
		"InvalidParameterValue.Timeout":             EffectNone,
		"InvalidParameter.DuplicatedName":           EffectNone,
		"MissingParameter.Result":                   EffectNone,
		"UnknownParameter.Created":                  EffectNone,
		"UnsupportedOperation.DuplicateBusy":        EffectNone,
		"ResourceNotFound.Result":                   EffectNone,
		"ResourceNotFound.PartialTask":              EffectNone,
		"ResourceInUse.DuplicateName":               EffectNone,
		"UnauthorizedOperation.SubmittedTask":       EffectNone,
		"AuthFailure.SignatureExpire":               EffectNone,
		"UnsupportedOperation.IdempotentProcessing": EffectUnknown,

		// The service's own fault, and what nobody knows.
		"InternalError":                          EffectUnknown,
		"InternalServerError":                    EffectUnknown,
		"ServiceUnavailable":                     EffectUnknown,
		"FailedOperation":                        EffectUnknown,
		"FailedOperation.CreateDisksFailed":      EffectUnknown,
		"UnsupportedOperation.SystemBusy":        EffectUnknown,
		"InvalidParameter.EcdnInterfaceError":    EffectUnknown,
		"NeverSeen":                              EffectUnknown,
		"NeverSeen.Neither":                      EffectUnknown,
		"":                                       EffectUnknown,
		"InternalError.NameAlreadyExists":        EffectUnknown,
		"InternalError.NoPermission":             EffectUnknown,
		"InternalError.ClusterNotFound":          EffectUnlessDelete,
		"InternalError.CreatedResourceNotExist":  EffectUnknown,
		"LimitExceeded.ReplayAttack":             EffectUnknown,
		"ResponseSizeLimitExceeded":              EffectUnknown,
		"LimitExceeded.ResponseTimeout":          EffectUnknown,
		"LimitExceeded.MidasOrderProcessing":     EffectUnknown,
		"RequestLimitExceeded.RepeatRequest":     EffectUnknown,
		"LimitExceeded.MidasOrderSuccess":        EffectUnknown,
		"LimitExceeded.MidasOrderPartialSuccess": EffectPart,

		// A doubt, whatever the class.
		"FailedOperation.BusyTimeout":               EffectUnknown,
		"FailedOperation.TaskTimeOutNotFound":       EffectUnknown,
		"FailedOperation.TimedOutTaskRunning":       EffectUnknown,
		"OperationDenied.TimedoutNoPermission":      EffectUnknown,
		"OperationDenied.PartialTaskRunning":        EffectUnknown,
		"LimitExceeded.OrderPartlyExceeded":         EffectUnknown,
		"FailedOperation.OrderSubmitted":            EffectUnknown,
		"OperationDenied.InstanceCreatedNotAllowed": EffectUnknown,
		"LimitExceeded.DuplicateOrder":              EffectUnknown,
		"FailedOperation.DuplicatedBusy":            EffectUnknown,
		"InternalError.ResultBusy":                  EffectUnknown,
		"NeverSeen.ResultNotFound":                  EffectUnknown,
		"ResourceUnavailable.CreatedInstanceBusy":   EffectUnknown,
		"FailedOperation.ResponseTooLarge":          EffectUnknown,
		"FailedOperation.SuccessAlready":            EffectUnknown,
		"FailedOperation.PaySuccInUse":              EffectUnknown,
	} {
		if got := ClassifyV3(code, ""); got.Effect != want {
			t.Errorf("%s: effect %d, want %d (%v by %q)", code, got.Effect, want, got.Class, got.Rule)
		}
	}
}

// Reported codes, traps, and codes that no list has: the sub-code tells the
// state, the prefix only the department.
func TestClassifyV3Class(t *testing.T) {
	for code, want := range map[string]Class{
		"LimitExceeded.RateLimitExceeded":             ClassThrottled,
		"LimitExceeded.CdnHostOpTooOften":             ClassThrottled,
		"OperationDenied.InstanceOperationInProgress": ClassBusy,
		"ResourceBusy":                                   ClassBusy,
		"FailedOperation.ResourceInOperating":            ClassBusy,
		"UnsupportedOperation.MutexOperationTaskRunning": ClassBusy,
		"ResourceInUse.ActivityInProgress":               ClassBusy,
		"InvalidImageId.NotFound":                        ClassNotFound,
		"InternalServerError":                            ClassInternal,

		// What looks like a passing state, a rate or a fault, and is none.
		"InvalidParameterValue.Timeout":                 ClassInvalid,
		"LimitExceeded.MaximumTask":                     ClassAccountState,
		"LimitExceeded.MaximumRunningTask":              ClassAccountState,
		"ResourceInUse.ZoneBindForwardRule":             ClassConflict,
		"UnsupportedOperation.InstanceStateNotRunning":  ClassDomainState,
		"UnsupportedOperation.InstanceStateRunning":     ClassUnsupported,
		"FailedOperation.AccountIsLocked":               ClassDomainState,
		"LimitExceeded.PhoneNumberDailyLimit":           ClassAccountState,
		"RequestLimitExceeded.RotateRateLimited":        ClassAccountState,
		"RequestLimitExceeded.BatchImportOverflow":      ClassInvalid,
		"InvalidParameterValue.MaxRetryCount":           ClassInvalid,
		"InvalidParameter.LoadBalanceInstanceIdInvalid": ClassInvalid,

		// The department says one thing, the state another.
		"InvalidParameter.LBIdNotFound":           ClassNotFound,
		"FailedOperation.ClusterNotFound":         ClassNotFound,
		"InternalError.ClusterNotFound":           ClassNotFound,
		"FailedOperation.NoPermission":            ClassDenied,
		"InternalError.NoPermission":              ClassDenied,
		"OperationDenied.BalanceNotEnough":        ClassAccountState,
		"FailedOperation.AccountAlreadyExists":    ClassConflict,
		"InternalError.RuleAlreadyExist":          ClassConflict,
		"UnauthorizedOperation.CdnUserIsIsolated": ClassAccountState,

		// Never seen.
		"UnsupportedOperation.GatewayUpgrading":          ClassBusy,
		"OperationDenied.AnotherTaskRunning":             ClassBusy,
		"ResourceUnavailable.ClusterOperationInProgress": ClassBusy,
		"FailedOperation.OtherOperation":                 ClassBusy,
		"LimitExceeded.QueryTooFrequently":               ClassThrottled,
		"FailedOperation.SearchQpsLimitExceeded":         ClassThrottled,
		"FailedOperation.EngineOverload":                 ClassUnavailable,
		"FailedOperation.CallUpstreamTimeout":            ClassInternal,
		"FailedOperation.DescribeGatewayFailed":          ClassFailed,
		"FailedOperation.GatewayMissing":                 ClassInvalid,
		"InvalidGatewayId.Malformed":                     ClassInvalid,
		"UnknownParameter.Gateway":                       ClassInvalid,
		"GatewayNotFound":                                ClassNotFound,
		"InvalidGatewayIdNotFound":                       ClassNotFound,
		"GatewayNotField":                                ClassUnknown, // a lone name may be any word
		"Gateway.NotField":                               ClassInvalid,
		"FailedOperation.UserIsLocked":                   ClassDomainState,
		"FailedOperation.DiskLockedByUser":               ClassBusy, // the words in another order
		"FailedOperation.UserNowUnlocked":                ClassFailed,
		"GatewayError.CreateFailed":                      ClassFailed,
		"InvalidParameter.GatewayNameDuplicates":         ClassConflict, // any word that begins so
		"InvalidParameter.GatewayBusiness":               ClassInvalid,  // the word is "busy", without an asterisk
		"OperationDenied.NoSuchGatewayRecordFound":       ClassNotFound,
		"NeverSeen":         ClassUnknown,
		"NeverSeen.Neither": ClassUnknown,
		"":                  ClassUnknown,
		"...":               ClassUnknown,
	} {
		if got := ClassifyV3(code, ""); got.Class != want {
			t.Errorf("%s: %v by %q, want %v", code, got.Class, got.Rule, want)
		}
	}
}

// An action that failed is called so by any of these words.
func TestClassifyV3Failures(t *testing.T) {
	for word := range strings.FieldsSeq("Failed Fail Failure Faild Falied Error Err Errors Exception") {
		code := "OperationDenied.GetGateway" + word
		if got := ClassifyV3(code, ""); got.Class != ClassFailed || got.Rule != "^get !" {
			t.Errorf("%s: %v by %q", code, got.Class, got.Rule)
		}
	}
}

// An answer to a repeated request: only the whole sub-code says so.
func TestClassifyV3Arrived(t *testing.T) {
	for code, want := range map[string]bool{
		"FailedOperation.ClientTokenInUse":          true,
		"FailedOperation.RequestInProgress":         true,
		"UnsupportedOperation.IdempotentProcessing": true,
		"FailedOperation.DuplicateRequest":          true,
		"FailedOperation.DuplicatedRequest":         true,
		"FailedOperation.AnotherRequestInProgress":  false,
		"FailedOperation.DuplicatedRequestName":     false,
		"ResourceInUse.TokenInUse":                  false,
	} {
		if got := ClassifyV3(code, ""); got.Arrived != want || want && got.Effect != EffectUnknown {
			t.Errorf("%s: %+v", code, got)
		}
	}
}

func TestClassifyV3Rate(t *testing.T) {
	for code, want := range map[string]Rate{
		"RequestLimitExceeded":                              RateAction,
		"RequestLimitExceeded.CreateUser":                   RateAction,
		"LimitExceeded.RateLimitExceeded":                   RateAction,
		"LimitExceeded.CdnCallingQueryIpTooOften":           RateAction,
		"RequestLimitExceeded.UinLimitExceeded":             RateRegion,
		"RequestLimitExceeded.GlobalRegionUinLimitExceeded": RateAccount,
		"RequestLimitExceeded.IPLimitExceeded":              RateAddress,
		"RequestLimitExceeded.IpLimitExceeded":              RateAddress,
		"LimitExceeded.CdnHostOpTooOften":                   RateResource,
		"LimitExceeded.EcdnDomainOpTooOften":                RateResource,
		"LimitExceeded.IotDeviceOpTooOften":                 RateResource,
		"LimitExceeded.IotProductOpTooOften":                RateResource,
		"LimitExceeded.IotRuleOpTooOften":                   RateResource,
		"LimitExceeded.IotTopicOpTooOften":                  RateResource,
		"LimitExceeded.PhoneNumberThirtySecondLimit":        RateResource,
		"LimitExceeded.DeliveryFrequencyLimit":              RateResource,
		"FailedOperation.CallerOverFrequency":               RateResource,
		"FailedOperation.SendVerifyCodeIsLimited":           RateResource,
		"FailedOperation.RequestLimitExceeded30S":           RateResource,
		"RequestLimitExceeded.SendSms":                      RateResource,
	} {
		if got := ClassifyV3(code, ""); got.Class != ClassThrottled || got.Rate != want {
			t.Errorf("%s: %v, rate %d, want %d", code, got.Class, got.Rate, want)
		}
	}
	if got := ClassifyV3("LimitExceeded.PhoneNumberDailyLimit", ""); got.Rate != RateAction {
		t.Errorf("%+v: a rate of what is not throttled", got)
	}
}

// The names that CDN and its acceleration of dynamic content give one failure
// have one class.
func TestClassifyV3Twins(t *testing.T) {
	for _, twins := range [][2]string{
		{"ResourceInUse.CdnOpInProgress", "ResourceInUse.EcdnOpInProgress"},
		{"ResourceInUse.CdnHostExists", "ResourceInUse.EcdnDomainExists"},
		{"ResourceNotFound.CdnHostNotExists", "ResourceNotFound.EcdnDomainNotExists"},
		{"LimitExceeded.CdnHostOpTooOften", "LimitExceeded.EcdnDomainOpTooOften"},
		{"UnauthorizedOperation.CdnUserIsSuspended", "UnauthorizedOperation.EcdnUserIsSuspended"},
		{"ResourceUnavailable.CdnHostIsLocked", "ResourceUnavailable.EcdnDomainIsLocked"},
		{"ResourceUnavailable.CdnHostIsNotOnline", "ResourceUnavailable.EcdnDomainIsNotOnline"},
		{"LimitExceeded.CdnUserTooManyHosts", "ResourceNotFound.CdnUserTooManyHosts"},
		{"InvalidParameter.CdnCertNoCertInfo", "InvalidParameter.EcdnCertNoCertInfo"},
		{"InternalError.CdnConfigError", "InternalError.EcdnConfigError"},
	} {
		cdn, ecdn := ClassifyV3(twins[0], "cdn"), ClassifyV3(twins[1], "ecdn")
		if cdn.Class != ecdn.Class || cdn.Effect != ecdn.Effect || cdn.Rate != ecdn.Rate || cdn.Class == ClassUnknown {
			t.Errorf("%s: %+v, %s: %+v", twins[0], cdn, twins[1], ecdn)
		}
	}
}

func FuzzClassifyV3(f *testing.F) {
	for _, code := range []string{"", ".", "A..B", "RequestLimitExceeded", "FailedOperation.CLSQueryTimeOut30S",
		"InternalError.\xff\x00任务", "LimitExceeded." + strings.Repeat("TooOften", 40), "Invalid *Get !^ $.x"} {
		f.Add(code, "cvm")
	}
	f.Fuzz(func(t *testing.T, code, product string) {
		v := ClassifyV3(code, product)
		if v != ClassifyV3(code, product) {
			t.Fatal("not pure")
		}
		if (v.Rule == "") != (v.Class == ClassUnknown) {
			t.Fatalf("%v by %q", v.Class, v.Rule)
		}
		switch v.Class {
		case ClassUnknown, ClassInternal, ClassUnavailable, ClassFailed:
			if v.Effect != EffectUnknown {
				t.Fatalf("%v proves %d", v.Class, v.Effect)
			}
		}
		if v.Rate != RateAction && v.Class != ClassThrottled || v.Arrived && v.Effect != EffectUnknown {
			t.Fatalf("%+v", v)
		}
		// What is no letter and no digit only parts words, however much of it there is.
		if prefix, sub, dotted := strings.Cut(code, "."); dotted && len(code) < 70 {
			if _, listed := v3Exceptions[code]; !listed && !strings.HasPrefix(code, "_") {
				wide := ClassifyV3(prefix+"._"+strings.ReplaceAll(sub, "_", "__")+"_", product)
				if wide != v {
					t.Fatalf("%q: %+v, parted wider %+v", code, v, wide)
				}
			}
		}
	})
}

func BenchmarkClassifyV3(b *testing.B) {
	for _, code := range []string{
		"RequestLimitExceeded", "UnsupportedOperation.MutexOperationTaskRunning",
		"InvalidParameterValue.InvalidInstanceChargeTypeNotSupportedForSomething",
	} {
		b.Run(code, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ClassifyV3(code, "cvm")
			}
		})
	}
}

func TestClassifyV3Allocates(t *testing.T) {
	for _, code := range []string{
		"InvalidParameterValue.InvalidInstanceChargeTypeNotSupportedForSomething",
		"FailedOperation." + strings.Repeat("ErrorOf", 40),
		"FailedOperation." + strings.Repeat("x", 200) + "Failed",
	} {
		if n := testing.AllocsPerRun(100, func() { ClassifyV3(code, "cvm") }); n > 0 {
			t.Errorf("%s: %v allocations", code, n)
		}
	}
}

func TestRunningTask(t *testing.T) {
	for message, want := range map[string]bool{
		"The instance has another task that is running.":           true,
		"Another operation is in progress, please try again later": true,
		"The previous request is being processed.":                 true,
		"resource `ins-1` is executing other task":                 true,
		"The latest operation is not finished":                     true,
		"A MUTEX task holds the disk":                              true,
		"操作失败，实例正在执行其他任务，请稍后重试。":                                   true,
		"集群任务正在进行，请稍后":                                             true,
		"资源处理中":                                                    true,
		"任务冲突":                                                     true,
		"上一个任务尚未完成":                                                true,
		"":                                                         false,
		"Please try again later.":                                  false,
		"操作失败，请稍后重试":                                               false,
		"The instance is not running.":                             false,
		"There is no task in progress.":                            false,
		"实例未处于运行中":                                                 false,
		"没有正在执行的任务":                                                false,
		"域名信息审核中":                                                  false,
		"该路由表正在使用中":                                                false,
		"The security group is in use.":                            false,
	} {
		if got := RunningTask(message); got != want {
			t.Errorf("%q: %v", message, got)
		}
	}
}
