package request

const (
	charged   = "each check of an identity is charged"
	ticket    = "spends the ticket"
	vericode  = "spends the code that was sent"
	opens     = "opens a verification, of which there is a token"
	challenge = "makes the challenge of one liveness check"
)

// effects holds actions whose names read and that change something all the
// same, with what they do: they spend, send, bind, make or charge for what
// their noun names.
var effects = map[string]string{
	"CheckAcct":                     "sends an amount to the account",
	"CheckAmount":                   "spends one of the tries to confirm an amount",
	"CheckBankCard2EVerification":   charged,
	"CheckBankCard3EVerification":   charged,
	"CheckBankCard4EVerification":   charged,
	"CheckBankCardInformation":      charged,
	"CheckBankCardVerification":     charged,
	"CheckFaceIdentify":             charged,
	"CheckIdCardInformation":        charged,
	"CheckIdCardVerification":       charged,
	"CheckIdNameDate":               charged,
	"CheckMobileAndName":            charged,
	"CheckMobileVerification":       charged,
	"CheckPhoneAndName":             charged,
	"CheckVcode":                    vericode,
	"CheckVerifyCodeMatchFlowId":    vericode,
	"DescribeCaptchaMiniResult":     ticket,
	"DescribeCaptchaMiniRiskResult": ticket,
	"DescribeCaptchaRceResult":      ticket,
	"DescribeCaptchaResult":         ticket,
	"DescribeDeviceClientKey":       "answers the key once",
	"GetActionSequence":             challenge,
	"GetAntiFraud":                  charged,
	"GetAntiFraudVip":               charged,
	"GetEidToken":                   opens,
	"GetFaceIdToken":                opens,
	"GetFaceidRiskInfoToken":        opens,
	"GetLiveCode":                   challenge,
	"GetNFCToken":                   opens,
	"GetOCRToken":                   opens,
	"GetVirtualNum":                 "binds a number",
	"GetWechatDeviceTicket":         "makes a ticket for one use",
}
