package codes

import (
	"fmt"
	"strings"
)

// Class groups failures by what can be done about them. A Class is an error,
// as a Code is: errors.Is(err, codes.ClassThrottled) reports whether a call
// failed so. It marshals to JSON as its name. The zero value is ClassUnknown.
type Class uint8

// The classes. The numbers are codes of the vendor's error-code page.
const (
	ClassUnknown          Class = iota // a code that no table knows
	ClassThrottled                     // 4400, 2010, 2011: called too often
	ClassBusy                          // 1014: another operation is still running
	ClassUnavailable                   // 6200: in maintenance
	ClassInternal                      // 6000, 1000, 1001, 1013, 10000: the API's own fault
	ClassNetwork                       // no answer, or one that broke off
	ClassFailed                        // 5100: the operation failed, for a reason unnamed
	ClassSignatureExpired              // 4200: the signature's Timestamp is not accepted any more
	ClassReplayed                      // 4500: the Nonce was used before
	ClassAuth                          // 4100, 4104-4106: the credentials or the signature are wrong
	ClassDenied                        // 4101-4103, 4110, 4300, 1104, 1112: the caller has no permission
	ClassAccountState                  // 5300, 5500, 1100, 1102, 1103...: the account's own state
	ClassDomainState                   // 2002-2006, 2111-2113...: the domain's state
	ClassConflict                      // 2001, 1101: it exists already
	ClassNotFound                      // 5000, 2000, 10107: it does not exist
	ClassOriginConfig                  // 2121-2125, 10109...: the origin servers
	ClassCertificate                   // 3000-3006: the certificate
	ClassInvalid                       // 4000, 1010...: the request is wrong
	ClassPartial                       // 5400: a batch was executed in part
	ClassUnsupported                   // 4600, 5200, 6100: not offered
	ClassOK                            // no failure
	end
)

const _ = ClassOK - (end - 1) // does not compile where ClassOK is not the last: arrays have ClassOK + 1 elements

// classes has one row for each class: its name, then meaning and remedy in
// Chinese and in English.
var classes = [end]classRow{
	ClassUnknown: {"Unknown", Text{"含义未知", "查看 message，并在该产品的文档中查找。",
		"its meaning is not known", "Read the message, and look it up in the product's documentation."}},
	ClassThrottled: {"Throttled", Text{"调用过于频繁", "降低调用频率，用限流器控制节奏。",
		"the calls are too frequent", "Call less often, and pace the calls with a rate limiter."}},
	ClassBusy: {"Busy", Text{"前一项操作仍在执行", "等这项操作结束后再调用。",
		"an earlier operation is still running", "Wait until it has finished, then call again."}},
	ClassUnavailable: {"Unavailable", Text{"服务暂不可用", "稍后重试。",
		"the service is not available", "Try again later."}},
	ClassInternal: {"Internal", Text{"服务端出错", "稍后重试；变更操作先查询当前状态。",
		"the server had an error", "Try again later. For a change, check the state first."}},
	ClassNetwork: {"Network", Text{"没有收到响应，或响应不完整", "检查网络；变更操作先查询当前状态，再决定是否重做。",
		"no response came, or it broke off", "Check the network. For a change, check the state before repeating it."}},
	ClassFailed: {"Failed", Text{"操作未成功", "查看 message 和当前状态，再决定是否重做。",
		"the operation failed", "Read the message and check the state before repeating the operation."}},
	ClassSignatureExpired: {"SignatureExpired", Text{"签名已过期", "校准时钟，并重新签名。",
		"the signature has expired", "Synchronize the clock and sign the request again."}},
	ClassReplayed: {"Replayed", Text{"请求被视为重放",
		"每次发送都用新的 Nonce 重新签名。第一次请求可能已经执行，重复变更操作之前先查询状态。",
		"the request was taken for a replay", "Sign every request anew with a fresh Nonce. The first request may " +
			"have been executed: check the state before repeating a change."}},
	ClassAuth: {"Auth", Text{"凭证或签名未通过校验", "检查 SecretId、SecretKey、Token 和签名。",
		"the credentials or the signature were rejected", "Check SecretId, SecretKey, Token and the signature."}},
	ClassDenied: {"Denied", Text{"调用者没有权限", "请账号的管理员授权。",
		"the caller has no permission", "Ask the account's administrator for the permission."}},
	ClassAccountState: {"AccountState", Text{"账号状态不允许该操作", "在控制台查看账号状态。",
		"the account's state does not allow the operation", "Look at the account's state in the console."}},
	ClassDomainState: {"DomainState", Text{"域名或资源的状态不允许该操作", "在控制台查看其状态。",
		"the state of the domain, or of another resource, does not allow the operation",
		"Look at its state in the console."}},
	ClassConflict: {"Conflict", Text{"与已有的资源冲突", "查看已有资源的状态。",
		"the call conflicts with what exists already", "Look at the state of what exists."}},
	ClassNotFound: {"NotFound", Text{"资源不存在", "核对名称或 ID，以及资源所属的账号。",
		"the resource does not exist", "Check its name or ID, and which account it belongs to."}},
	ClassOriginConfig: {"OriginConfig", Text{"源站配置有误", "改正源站配置。",
		"the configuration of the origin servers is wrong", "Correct the configuration of the origin."}},
	ClassCertificate: {"Certificate", Text{"证书有误", "改正证书后重新提交。",
		"there is something wrong with the certificate", "Correct the certificate and submit it again."}},
	ClassInvalid: {"Invalid", Text{"请求无效", "按 message 的提示改正请求。",
		"the request is not valid", "Correct the request as the message says."}},
	ClassPartial: {"Partial", Text{"批量操作只执行了一部分", "仅对失败的部分重新操作。",
		"only part of the batch was executed", "Repeat only the parts that failed."}},
	ClassUnsupported: {"Unsupported", Text{"此处不提供该操作", "核对接口、版本、地域和产品。",
		"the operation is not offered here", "Check the action, the version, the region and the product."}},
	ClassOK: {"OK", Text{"调用成功", "无需再操作。", "the call succeeded", "Nothing is left to do."}},
}

type classRow struct {
	name string
	Text
}

func (c Class) row() *classRow {
	if c >= end {
		c = ClassUnknown
	}
	return &classes[c]
}

// String returns the class's name, such as "Throttled".
func (c Class) String() string { return c.row().name }

// Error returns the class's name.
func (c Class) Error() string { return c.String() }

// Text returns what the class means and what to do about it.
func (c Class) Text() Text { return c.row().Text }

// MarshalText returns the class's name.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText sets c to the class of a name, without regard to letter case. It
// returns an error for a name that no class has.
func (c *Class) UnmarshalText(name []byte) error {
	for class := range end {
		if strings.EqualFold(class.String(), string(name)) {
			*c = class
			return nil
		}
	}
	return fmt.Errorf("codes: no class is named %q", name)
}
