package request

// effects holds actions whose names read and that change something all the
// same, with what they do.
var effects = map[string]string{
	"CheckAcct":               "sends an amount to the account",
	"CheckAmount":             "spends one of the tries to confirm an amount",
	"CheckVcode":              "spends the code that was sent",
	"DescribeCaptchaResult":   "spends the ticket",
	"DescribeDeviceClientKey": "answers the key once",
	"GetVirtualNum":           "binds a number",
}
