package codes

//go:generate go test -run TestConstants -update

// table has one row for each code of API 2.0: number, name, product, whether
// the gateway answers it, class, counterparts in API 3.0 and twins, then meaning
// and remedy in Chinese and in English. To add a code, add its row and run
// go generate, which writes constants.go. Nothing writes to table.
var table = []Info{
	// The system and the request. The page's remedy for 1013, to try later or ask the vendor, puts it on the service.
	{1000, "SystemError", dsa, behind, ClassInternal, nil, twins{6000, 10000}, Text{"DSA 系统内部出错",
		"稍后重试。变更操作先查询域名状态，再决定是否重做；问题持续时联系腾讯云客服。",
		"the DSA system had an internal error", "Try again later. For a change, check the domain's state before repeating " +
			"it. Contact Tencent Cloud support if the error persists."}},
	{1001, "CommandFailed", dsa, behind, ClassInternal, v3{"InternalError.EcdnDbError", "InternalError.CdnDbError"},
		twins{5100}, Text{"指令执行失败", "稍后重试。变更操作先查询域名状态，确认指令没有生效再重做；" +
			"多次失败时联系腾讯云客服。", "the command failed during execution", "Try again later. For a change, check the " +
			"domain's state first and repeat it only if it did not take effect. Contact Tencent Cloud support if it keeps " +
			"failing."}},
	{1010, "InvalidRequest", dsa, behind, ClassInvalid, nil, nil, Text{"请求本身无效",
		"对照接口文档检查请求方法、路径和参数的编码方式，改正后重新调用。", "the request itself is not valid",
		"Check the method, the path and the encoding of the parameters against the action's documentation, correct them " +
			"and call again."}},
	{1011, "InvalidAction", dsa, behind, ClassInvalid, nil, twins{6100, 10102}, Text{"请求的接口名称无效",
		"检查 Action 的拼写和大小写，并确认该接口属于所请求的产品，改正后重新调用。", "the action's name is not valid",
		"Check the spelling and letter case of Action, and that the action belongs to the product that you call, then " +
			"call again."}},
	{1012, "InvalidRequestParameter", dsa, behind, ClassInvalid, nil, twins{4000, 10100}, Text{"接口参数无效",
		"按 message 的提示，对照接口文档改正参数的名称、类型或取值。", "a parameter of the action is not valid",
		"Find the parameter in the message and correct its name, type or value against the action's documentation."}},
	{1013, "ParameterConfigError", dsa, behind, ClassInternal, nil, nil, Text{"参数配置有误，多半出在服务端",
		"稍后重试；仍然失败时核对所提交的配置，并联系腾讯云客服。",
		"a parameter configuration error, probably on the service's side", "Try again later. If it still fails, check the " +
			"configuration that you submitted and contact Tencent Cloud support."}},
	{1014, "OperationInProgress", dsa, behind, ClassBusy,
		v3{"ResourceInUse.EcdnOpInProgress", "ResourceInUse.CdnOpInProgress"}, nil, Text{"前一项操作仍在执行",
			"等这项操作结束，此前不要重复提交：用 GetDsaHostInfo 轮询，直到 progress 为 0。部署约需 5 分钟，新域名约 5 至 10 " +
				"分钟。再次提交前先确认所要的改动是否已经生效。", "an earlier operation is still running",
			"Wait until it has finished and do not submit again before that: poll GetDsaHostInfo until progress is 0. A " +
				"deployment takes about 5 minutes, that of a new domain 5 to 10. Before you submit again, check whether the " +
				"change is already in effect."}},
	{1015, "InvalidModule", dsa, behind, ClassInvalid, nil, nil, Text{"没有这样的模块",
		"检查请求的产品域名和模块名称，确认与所调用的接口一致。", "there is no such module", "Check the product's host " +
			"and the module's name, and that both match the action."}},

	// The account.
	{1100, "UserNotFound", dsa, behind, ClassAccountState, nil, nil, Text{"DSA 中没有该用户",
		"核对用户信息和密钥所属的账号；确认无误而尚未注册时，用 RegisterDsaUser 注册。", "DSA has no such user",
		"Check the user's details and which account the key belongs to. If they are right and the account is not " +
			"registered yet, register it with RegisterDsaUser."}},
	{1101, "UserExists", dsa, behind, ClassConflict, nil, nil, Text{"该账号已经是 DSA 用户",
		"不必再次注册；要修改资料请用 UpdateDsaUserInfo。", "the account is already a DSA user",
		"There is no need to register again. Use UpdateDsaUserInfo to change the user's data."}},
	{1102, "UserBanned", dsa, behind, ClassAccountState,
		v3{"UnauthorizedOperation.EcdnUserIsSuspended", "UnauthorizedOperation.CdnUserIsSuspended"}, twins{4300}, Text{
			"账号处于封禁状态", "提交工单了解封禁原因和解封条件，解封之前停止调用。", "the account is banned",
			"Submit a ticket to Tencent Cloud to learn the reason and what lifts the ban. Stop calling until then."}},
	{1103, "UserInArrears", dsa, behind, ClassAccountState,
		v3{"UnauthorizedOperation.EcdnUserIsSuspended", "UnauthorizedOperation.CdnUserIsIsolated"}, nil, Text{"账号欠费",
			"为账户充值，待服务恢复后再调用。", "the account is in arrears",
			"Top up the account and call again once the service has resumed."}},
	{1104, "NotVIPUser", dsa, behind, ClassDenied, nil, twins{4300}, Text{"该操作只向 VIP 客户开放",
		"向腾讯云商务或客服申请相应资格；取得之前不要调用该操作。", "the operation is open to VIP customers only",
		"Apply to Tencent Cloud sales or support for that status. Do not call the operation until you have it."}},
	{1110, "UserUnderReview", dsa, behind, ClassAccountState, nil, nil, Text{"账号还在审核之中",
		"收到审核结果的通知后再调用；久无结果时提交工单查询进度。", "the account is still under review",
		"Call again when the review result has arrived. If it takes long, submit a ticket to Tencent Cloud to ask about " +
			"its progress."}},
	{1112, "PermissionDenied", dsa, behind, ClassDenied,
		v3{"UnauthorizedOperation.EcdnCamUnauthorized", "UnauthorizedOperation.CdnCamUnauthorized"}, twins{4101, 4103}, Text{
			"账号缺少执行该操作的权限", "使用子账号时，请主账号的管理员授权；使用主账号时，向腾讯云客服申请开通。",
			"the account lacks permission for this operation", "If you use a sub-account, ask the administrator of its main " +
				"account for the permission. If you use the main account, ask Tencent Cloud support."}},
	{1120, "TooManyDomains", dsa, behind, ClassAccountState, v3{"LimitExceeded.EcdnUserTooManyDomains",
		"LimitExceeded.CdnUserTooManyHosts", "ResourceNotFound.CdnUserTooManyHosts"}, nil, Text{
		"账号下的加速域名数量已到上限", "删除不再使用的域名后再添加，或向腾讯云客服申请提高上限。",
		"the account has reached its limit of accelerated domains", "Delete domains that you no longer use, then add the " +
			"new one, or ask Tencent Cloud support for a higher limit."}},

	// The domain's state. 2005 stands before 2004: it is the nearer of the two to their counterpart in API 3.0.
	{2000, "DomainNotFound", dsa, behind, ClassNotFound, v3{"ResourceNotFound.EcdnDomainNotExists",
		"ResourceNotFound.EcdnHostNotExists", "ResourceNotFound.CdnHostNotExists"}, twins{5000, 10107}, Text{
		"没有这个加速域名", "用 GetDsaHostList 核对域名和 hostId，并确认密钥所属的账号。对删除操作而言，域名可能早已删除。",
		"the accelerated domain does not exist", "Check the domain and its hostId with GetDsaHostList, and which account " +
			"the key belongs to. If you were deleting the domain, it may be gone already."}},
	{2001, "DomainExists", dsa, behind, ClassConflict, v3{"ResourceInUse.EcdnDomainExists", "ResourceInUse.CdnHostExists",
		"ResourceInUse.AlreadyExistsAsAnAccelerationDomain"}, nil, Text{"该加速域名已经添加过", "用 GetDsaHostList 查看：" +
		"已在自己账号下的，无需再加；不在的，可能已接入 CDN 或属于其他账号，须先在那里移除。",
		"the accelerated domain already exists", "Look for it with GetDsaHostList. If it is there, nothing is left to do. " +
			"If not, it may be connected to Tencent Cloud CDN or belong to another account, and has to be removed there " +
			"first."}},
	{2002, "DomainNotFiled", dsa, behind, ClassDomainState,
		v3{"ResourceUnavailable.CdnHostNoIcp", "OperationDenied.DomainNoICP"}, nil, Text{"域名没有 ICP 备案",
			"在中国大陆加速须有备案：先核对域名的备案信息，没有备案的，向工信部办理或通过腾讯云办理，完成后重试；" +
				"也可以把加速区域改到中国大陆以外。", "the domain has no ICP filing", "Acceleration in mainland China requires " +
				"an ICP filing. Check the domain's filing; if there is none, file the domain with China's Ministry of Industry " +
				"and Information Technology (MIIT) or through Tencent Cloud, then try again. Or choose an acceleration region " +
				"outside mainland China."}},
	{2003, "DomainLocked", dsa, behind, ClassDomainState,
		v3{"ResourceUnavailable.EcdnDomainIsLocked", "ResourceUnavailable.CdnHostIsLocked"}, nil, Text{"域名处于锁定状态",
			"锁定期间不能自行修改，请联系腾讯云客服查明原因并解锁。", "the domain is locked", "A locked domain cannot be " +
				"changed by its owner. Ask Tencent Cloud support for the reason, and to unlock it."}},
	{2005, "DomainOffline", dsa, behind, ClassDomainState,
		v3{"ResourceUnavailable.EcdnDomainIsNotOnline", "ResourceUnavailable.CdnHostIsNotOnline"}, twins{2004, 10104}, Text{
			"域名处于下线状态", "用 GetDsaHostInfo 查询状态。该操作要求域名在线时，先用 OnlineDsaHost 上线并等待部署完成；" +
				"如果本来就是要下线或删除，目标可能已经达成。", "the domain is offline", "Look at its state with GetDsaHostInfo. " +
				"If the operation needs the domain online, call OnlineDsaHost first and wait for the deployment. If you were " +
				"taking it offline or deleting it, that may be done already."}},
	{2004, "DomainNotOnline", dsa, behind, ClassDomainState, v3{"ResourceUnavailable.EcdnDomainIsNotOnline"},
		twins{2005, 10104}, Text{"域名还没有上线", "先用 GetDsaHostInfo 查询状态。新建的域名部署完成后自动上线，等 " +
			"progress 变为 0 即可；曾被下线的，用 OnlineDsaHost 上线并等待部署完成。然后再执行该操作。",
			"the domain is not online yet", "Look at its state with GetDsaHostInfo. A new domain goes online by itself when " +
				"its deployment has finished: wait until progress is 0. If it was taken offline, call OnlineDsaHost and wait for " +
				"the deployment. Then repeat the operation."}},
	{2006, "DomainBanned", dsa, behind, ClassDomainState, nil, twins{2113}, Text{"域名处于封禁状态",
		"联系腾讯云客服了解封禁原因，整改并解封后再操作。", "the domain is banned", "Ask Tencent Cloud support for the " +
			"reason, put it right, and repeat the operation once the ban is lifted."}},

	// The pace of calls.
	{2010, "TooFrequent", dsa, behind, ClassThrottled,
		v3{"LimitExceeded.EcdnDomainOpTooOften", "LimitExceeded.CdnHostOpTooOften"}, twins{2011, 4400}, Text{"操作太频繁",
			"放慢调用，拉长重试间隔，并用限流器控制频率。", "operations are too frequent", "Slow down: leave longer pauses " +
				"between calls and retries, and pace them with a rate limiter."}},
	{2011, "OperationLimitExceeded", dsa, behind, ClassThrottled, nil, twins{2010, 4400}, Text{"操作次数达到系统上限",
		"减少调用并等待较长时间，这一限额的周期可能长于一分钟；仍不够用时联系腾讯云客服。",
		"the number of operations exceeds the system's limit", "Make fewer calls and wait longer, because this limit may " +
			"cover more than a minute. Contact Tencent Cloud support if it is never enough."}},

	// The domain's name.
	{2100, "InvalidDomain", dsa, behind, ClassInvalid, nil, twins{10108}, Text{"域名参数无效",
		"检查域名的拼写和格式：不带协议、端口和路径，且为合法的主机名。", "the domain parameter is not valid",
		"Check the domain's spelling and format: a valid host name without scheme, port or path."}},
	{2111, "TencentInternalDomain", dsa, behind, ClassDomainState, nil, nil, Text{"域名属于腾讯内部",
		"换用自己的域名；确需接入时联系腾讯云客服。", "the domain is internal to Tencent", "Use a domain of your own. " +
			"Contact Tencent Cloud support if this one really has to be added."}},
	{2112, "RestrictedDomain", dsa, behind, ClassDomainState, v3{"UnauthorizedOperation.CdnHostIsToApplyHost"}, nil, Text{
		"域名受到接入限制", "需要接入时提交工单，审核放行之后再添加。", "the domain may be added only after approval",
		"If you need to add it, submit a ticket to Tencent Cloud and add it once it is approved."}},
	{2113, "DomainBlacklisted", dsa, behind, ClassDomainState, nil, twins{2006}, Text{"域名在系统黑名单中",
		"黑名单中的域名不能操作，请联系腾讯云客服了解原因并申请移出。", "the domain is on the system's blocklist",
		"No operation is possible on a listed domain. Ask Tencent Cloud support for the reason and for its removal from " +
			"the list."}},
	{2114, "DomainTooLong", dsa, behind, ClassInvalid, v3{"InvalidParameter.CdnHostTooLongHost"}, nil, Text{"域名过长",
		"换用较短的域名，例如减少子域名的层级；仍被拒绝时，检查该类域名是否受支持。", "the domain name is too long",
		"Use a shorter name, for example one with fewer levels of subdomains. If it is still refused, check whether this " +
			"type of domain is supported."}},

	// The origin.
	{2121, "TooManyOrigins", dsa, behind, ClassOriginConfig, nil, nil, Text{"源站个数过多",
		"减少 origin 中的地址，或改用解析到多个地址的源站域名。", "there are too many origins", "Put fewer addresses into " +
			"origin, or use an origin domain that resolves to several addresses."}},
	{2122, "OriginConflict", dsa, behind, ClassOriginConfig, nil, nil, Text{"源站与加速域名相冲突",
		"源站不能指回加速域名自身，请改为源服务器的 IP 或另一个域名。", "the origin conflicts with the accelerated domain",
		"An origin must not lead back to the accelerated domain itself. Use the origin server's IP address or another " +
			"domain."}},
	{2123, "OriginBlacklisted", dsa, behind, ClassOriginConfig, nil, nil, Text{"源站在系统黑名单中",
		"改用其他源站地址，或联系腾讯云客服了解原因并申请解封。", "the origin is on the system's blocklist",
		"Use another origin address, or ask Tencent Cloud support for the reason and to lift the ban."}},
	{2124, "OriginPrivateIP", dsa, behind, ClassOriginConfig, nil, nil, Text{"源站是内网地址",
		"改用从公网可以访问的源站 IP 或域名。", "the origin is a private IP address", "Use an origin IP address or domain " +
			"that can be reached from the internet."}},
	{2125, "OriginTooLong", dsa, behind, ClassOriginConfig, nil, nil, Text{"源站地址过长",
		"减少源站个数，或换用较短的源站域名；仍被拒绝时，检查该类源站是否受支持。", "the origin address is too long",
		"List fewer origins, or use a shorter origin domain. If it is still refused, check whether this type of origin is " +
			"supported."}},

	// Other parameters of a domain.
	{2130, "InvalidProjectID", dsa, behind, ClassInvalid, nil, twins{9002}, Text{"域名配置中的 projectId 无效",
		"在控制台查看项目 ID，填写本账号下存在的项目；0 表示默认项目。",
		"the projectId in the domain's configuration is not valid", "Look up the project's ID in the console and use one " +
			"that exists in this account; 0 is the default project."}},
	{2140, "InvalidHTTPS", dsa, behind, ClassInvalid, nil, nil, Text{"HTTPS 配置参数无效",
		"检查 https 参数：须为合法的 JSON，type 取文档列出的值；启用 HTTPS 时，自有证书须同时提供 crt 和 private_key，" +
			"腾讯云托管证书须提供 cert_id。", "the HTTPS parameter is not valid", "Check https: it must be valid JSON with a " +
			"documented type. Where HTTPS is on, a certificate of your own needs both crt and private_key, one hosted by " +
			"Tencent Cloud needs cert_id."}},
	{2150, "InvalidPlatform", dsa, behind, ClassInvalid, nil, nil, Text{"Platform 的取值无效",
		"只使用文档列出的 Platform 取值；不需要时省略该参数。", "the Platform parameter is not valid",
		"Use only values of Platform that the documentation lists, or leave the parameter out if you do not need it."}},
	{2160, "InvalidPidConfig", dsa, behind, ClassInvalid, nil, nil, Text{"PidConfig 的内容无效",
		"对照接口文档改正 PidConfig 的格式和取值；不需要时省略该参数。", "the PidConfig parameter is not valid",
		"Correct the format and values of PidConfig against the action's documentation, or leave the parameter out if you " +
			"do not need it."}},
	{2170, "InvalidResponseHeader", dsa, behind, ClassInvalid, nil, nil, Text{"自定义 HTTP 响应头的配置无效",
		"检查 rspHeader：须为合法的 JSON，响应头的名称和值都要符合 HTTP 规范。",
		"the custom HTTP response headers are not valid", "Check rspHeader: it must be valid JSON, with header names and " +
			"values that HTTP allows."}},
	{2171, "ResponseHeaderLimitExceeded", dsa, behind, ClassInvalid, nil, nil, Text{"自定义 HTTP 响应头超出上限",
		"减少自定义响应头的个数，或缩短它们的内容。", "the custom HTTP response headers exceed the limit",
		"Configure fewer headers or shorten their values."}},
	{2180, "InvalidExtension", dsa, behind, ClassInvalid, nil, nil, Text{"Extension 的内容无效",
		"对照接口文档改正 Extension 的格式和取值；不需要时省略该参数。", "the Extension parameter is not valid",
		"Correct the format and values of Extension against the action's documentation, or leave the parameter out if you " +
			"do not need it."}},

	// Certificates.
	{3000, "CertificateError", dsa, behind, ClassCertificate, nil, nil, Text{"证书有误", "检查证书和私钥是否完整、" +
		"是否为 PEM 格式、是否仍在有效期内，更正后重新提交。", "there is something wrong with the certificate",
		"Check that the certificate and its private key are complete, in PEM format and still valid, then submit them " +
			"again."}},
	{3001, "CertificateUnparsable", dsa, behind, ClassCertificate,
		v3{"InvalidParameter.EcdnCertNoCertInfo", "InvalidParameter.CdnCertNoCertInfo"}, nil, Text{"证书内容无法解析",
			"提交完整的 PEM 证书，保留首尾标记行和换行，并注意参数的 URL 编码。", "the certificate cannot be parsed",
			"Submit the complete PEM certificate with its BEGIN and END lines and its line breaks, and mind the URL encoding " +
				"of the parameter."}},
	{3002, "CertificateDomainMismatch", dsa, behind, ClassCertificate, nil, nil, Text{"证书没有覆盖该域名",
		"换用主题备用名称（SAN）包含该域名的证书；泛域名证书只覆盖一级子域名。", "the certificate does not cover the domain",
		"Use a certificate whose subject alternative names (SAN) include the domain. A wildcard covers one level of " +
			"subdomains only."}},
	{3003, "CertificateKeyMismatch", dsa, behind, ClassCertificate, nil, nil, Text{"私钥与证书不对应",
		"找到申请该证书（生成 CSR）时所用的私钥，与证书成对提交。", "the private key does not belong to the certificate",
		"Find the private key that was used to request the certificate (to create its CSR), and submit the two together."}},
	{3004, "CertificateExpired", dsa, behind, ClassCertificate, nil, nil, Text{"证书的有效期已过",
		"续签证书并提交新的证书和私钥。", "the certificate has expired", "Renew the certificate and submit the new one " +
			"with its private key."}},
	{3005, "CertificateExpiring", dsa, behind, ClassCertificate, nil, nil, Text{"证书临近到期",
		"改用有效期更长的新证书，并在到期之前安排续签。", "the certificate is about to expire",
		"Use a new certificate that is valid for longer, and have it renewed in good time."}},
	{3006, "CertificateChainError", dsa, behind, ClassCertificate, nil, nil, Text{"证书链不正确",
		"按服务器证书在前、中间证书在后的顺序补全证书链，不要缺失或混入无关证书。", "the certificate chain is wrong",
		"Complete the chain: the server certificate first, then the intermediate certificates in order, with none missing " +
			"and no unrelated one among them."}},

	// Common codes.
	{4000, "InvalidParameter", common, behind, ClassInvalid, v3{"InvalidParameter"}, twins{1012, 10100}, Text{
		"请求缺少参数，或参数无效", "按 message 的提示找到出错的参数，改正后重新调用。",
		"a request parameter is missing or invalid", "Find the parameter at fault in the message, correct it and " +
			"call again."}},

	// Authentication and permissions. 4101-4106 and 4110 are on the vendor's newer list only.
	{4100, "AuthFailure", common, atGateway, ClassAuth, v3{"AuthFailure.SignatureFailure"}, nil, Text{"签名未通过校验",
		"确认 SecretId 与 SecretKey 配对且未停用，再逐项核对签名原文：请求方法、域名、路径、参数排序和签名算法。",
		"the request's signature was rejected", "Make sure that SecretId and SecretKey belong together and are enabled, " +
			"then check the string that was signed: method, host, path, order of the parameters and signature algorithm."}},
	{4101, "UnauthorizedAction", common, atGateway, ClassDenied, nil, twins{1112, 4103}, Text{"子账号无权调用该接口",
		"请主账号的管理员在访问管理（CAM）中为子账号授予调用该接口的权限。", "the sub-account may not call this action",
		"Ask the administrator of the main account to grant the sub-account this action in Cloud Access Management (CAM)."}},
	{4102, "UnauthorizedResource", common, atGateway, ClassDenied, nil, twins{4103}, Text{"子账号无权访问该资源",
		"请主账号的管理员在访问管理（CAM）的策略中加入该资源。", "the sub-account may not access this resource",
		"Ask the administrator of the main account to add the resource to the sub-account's policy in Cloud Access " +
			"Management (CAM)."}},
	{4103, "UnauthorizedActionResource", common, atGateway, ClassDenied, nil, twins{1112, 4101, 4102}, Text{
		"子账号无权用该接口操作此资源", "请主账号的管理员在访问管理（CAM）中授权，策略须同时包含该接口和此资源。",
		"the sub-account may not use this action on this resource", "Ask the administrator of the main account for a " +
			"policy in Cloud Access Management (CAM) that names both the action and the resource."}},
	{4104, "SecretIDNotFound", common, atGateway, ClassAuth, v3{"AuthFailure.SecretIdNotFound"}, nil, Text{
		"SecretId 不存在", "检查 SecretId 是否填写完整、前后有无空格，并在控制台确认密钥没有被删除或禁用。",
		"the SecretId does not exist", "Check the SecretId for missing characters and stray spaces, and see in the " +
			"console that the key has not been deleted or disabled."}},
	{4105, "TokenFailure", common, atGateway, ClassAuth, v3{"AuthFailure.TokenFailure"}, nil, Text{
		"临时凭证的 Token 无效",
		"重新获取临时凭证，SecretId、SecretKey 和 Token 三者须成套使用；用永久密钥签名时不要携带 Token。",
		"the token of the temporary credentials is not valid", "Fetch new temporary credentials and use their SecretId, " +
			"SecretKey and Token together. Send no Token with a permanent key."}},
	{4106, "MFAFailure", common, atGateway, ClassAuth, v3{"AuthFailure.MFAFailure"}, nil, Text{"多因素认证（MFA）未通过",
		"完成账号要求的 MFA 验证后重试；程序无法完成验证时，请管理员调整该密钥的 MFA 要求。",
		"multi-factor authentication failed", "Pass the MFA check that the account demands and try again. Where a program " +
			"cannot do so, ask the administrator to change the MFA requirement for its key."}},
	{4110, "CAMFailure", common, atGateway, ClassDenied, nil, nil, Text{"访问管理（CAM）因其他原因拒绝了请求",
		"查看 message，请管理员检查子账号的策略和密钥状态；仍无法确定原因时联系腾讯云客服。",
		"CAM refused the request for another reason", "Read the message and have the administrator check the " +
			"sub-account's policies and the state of its key. Contact Tencent Cloud support if the cause stays unclear."}},

	// Checks of the request at the gateway.
	{4200, "RequestExpired", common, atGateway, ClassSignatureExpired, v3{"AuthFailure.SignatureExpire"}, nil, Text{
		"请求的 Timestamp 已超出有效期", "用 NTP 校准本机时钟，以当前时间重新签名后发送，不要重发先前签好的请求。" +
			"有效期按较新的文档为 5 分钟，按旧文档为 2 小时。", "the request's Timestamp is outside the accepted period",
		"Synchronize the machine's clock with NTP, sign again with the current time and send that. Do not resend a " +
			"request that was signed earlier. The accepted period is 5 minutes in the newer documents, 2 hours in the older " +
			"ones."}},
	{4300, "AccessDenied", common, atGateway, ClassDenied, nil, twins{1102, 1104}, Text{"账号已封禁，或该接口未向其开放",
		"在控制台查看账号状态：已封禁的，提交工单处理；状态正常的，联系腾讯云客服申请开通该接口。",
		"the account is banned or the action is not open to it", "Look at the account's state in the console. If it is " +
			"banned, submit a ticket to Tencent Cloud; if it is in order, ask Tencent Cloud support to open the action to " +
			"the account."}},
	{4400, "QuotaExceeded", common, atGateway, ClassThrottled, v3{"RequestLimitExceeded"}, twins{2010, 2011}, Text{
		"调用次数超出配额", "等待一段时间后再调用，并用限流器把请求摊开。长期不够用时申请提高配额。",
		"the quota of calls is used up", "Wait before the next call and spread calls out with a rate limiter. Ask " +
			"for a larger quota if that is never enough."}},
	{4500, "ReplayAttack", common, atGateway, ClassReplayed, nil, nil, Text{
		"请求被视为重放，因为 Nonce 已用过或 Timestamp 偏差过大", "每次发送都用新的随机 Nonce 和当前 Timestamp 重新签名，" +
			"并校准时钟。若这是一次重发，第一次请求可能已经执行，重复变更操作之前先查询状态。", "the request was taken for a " +
			"replay, because its Nonce was used before or its Timestamp is too far off", "Sign every request anew with a " +
			"fresh random Nonce and the current Timestamp, and keep the clock right. If this was a resend, the first request " +
			"may have been executed: check the state before repeating a change."}},
	{4600, "UnsupportedProtocol", common, atGateway, ClassUnsupported, v3{"UnsupportedProtocol"}, nil, Text{
		"请求所用的协议不受支持", "改用 HTTPS，并以 GET 或 POST 方法调用。", "the request's protocol is not supported",
		"Call over HTTPS, with GET or POST."}},

	// Resources and purchases. The class of 5200 is a judgement: an instance type or a stock that is not offered.
	{5000, "ResourceNotFound", common, behind, ClassNotFound, v3{"ResourceNotFound"}, twins{2000, 10107}, Text{
		"没有该标识对应的资源，或资源属于其他账号", "核对资源 ID，以及密钥是否属于资源所在的账号；资源也可能已经退还释放。",
		"the resource does not exist or belongs to another account", "Check the resource's ID, and that the key belongs " +
			"to the account that owns it. The resource may also have been released."}},
	{5100, "OperationFailed", common, behind, ClassFailed, nil, twins{1001}, Text{"对资源的操作未成功",
		"从 message 了解原因并查询资源当前状态，确认操作没有生效后再重试；多次失败请联系腾讯云客服。",
		"the operation on the resource failed", "Read the message for the cause and look at the resource's state. Repeat " +
			"the operation once it is clear that it did not take effect, and contact Tencent Cloud support if it keeps " +
			"failing."}},
	{5200, "PurchaseFailed", common, behind, ClassUnsupported, nil, nil, Text{
		"资源购买未成功，可能是库存不足，或不支持该配置", "更换配置或地域后再次购买，或等库存恢复。",
		"the purchase failed, perhaps for lack of stock or an unsupported configuration", "Choose another configuration " +
			"or region, or wait until there is stock again."}},
	{5300, "InsufficientBalance", common, behind, ClassAccountState, nil, nil, Text{"账户余额不足以购买资源",
		"为账户充值后重新购买。", "the balance is too low for the purchase", "Top up the account and buy again."}},
	{5400, "PartialSuccess", common, behind, ClassPartial, nil, nil, Text{"批量操作中只有一部分成功",
		"逐项查看返回结果（位于 detail 中），仅对失败的部分重新操作。", "only part of the batch succeeded",
		"Read the result of each part in the response, under detail, and repeat only those that failed."}},
	{5500, "QualificationNotApproved", common, behind, ClassAccountState, nil, nil, Text{
		"账号未通过资质审核，无法购买资源", "在控制台补充或更正资质材料，审核通过后再购买。", "the account has not passed " +
			"the qualification review, so nothing was bought", "Complete or correct the account's qualification documents in " +
			"the console and buy again after they have been approved."}},

	// The service itself.
	{6000, "InternalError", common, behind, ClassInternal, v3{"InternalError"}, twins{1000, 10000}, Text{
		"服务端发生内部错误", "稍后重试。变更操作可能已经生效，重试前先查询状态；问题持续时联系腾讯云客服。",
		"the server had an internal error", "Try again later. A change may already have taken effect, so check the state " +
			"first. Contact Tencent Cloud support if the error persists."}},
	{6100, "UnsupportedVersion", common, atGateway, ClassUnsupported, nil, twins{1011, 10102}, Text{
		"该版本不提供此接口，或接口正在维护", "先确认请求的域名，每个产品各有自己的域名；再核对接口名称和版本。都无误时，" +
			"等维护结束再调用。", "this version does not offer the action, or the action is under maintenance",
		"Check the host first, because every product has its own, then the action's name and version. If all of that is " +
			"right, wait for the maintenance to end and call again."}},
	{6200, "ServiceUnavailable", common, atGateway, ClassUnavailable, v3{"ServiceUnavailable"}, nil, Text{
		"接口因维护暂停服务", "逐步拉长间隔后重试，并留意腾讯云的维护公告。", "the action is suspended for maintenance",
		"Try again at growing intervals and watch Tencent Cloud's maintenance announcements."}},

	// Statistics.
	{9000, "InvalidStatTime", dsa, behind, ClassInvalid,
		v3{"InvalidParameter.EcdnStatInvalidDate", "InvalidParameter.CdnStatInvalidDate"}, nil, Text{"时间参数无效",
			"检查 startDate 和 endDate 的格式，并确认起始不晚于结束、区间在可查询的范围之内。",
			"the time parameter is not valid", "Check the format of startDate and endDate, that the start is not after the " +
				"end, and that the range can be queried."}},
	{9001, "InvalidStatMetric", dsa, behind, ClassInvalid,
		v3{"InvalidParameter.EcdnStatInvalidMetric", "InvalidParameter.CdnStatInvalidMetric"}, nil, Text{
			"统计指标（metrics）参数无效", "只使用接口文档列出的指标名称和格式，并注意大小写。",
			"the metrics parameter is not valid", "Use only the metric names and the format that the action's documentation " +
				"lists, in the same letter case."}},
	{9002, "InvalidStatProjectID", dsa, behind, ClassInvalid, nil, twins{2130}, Text{"统计查询中的项目 ID 无效",
		"检查 projects 中的项目 ID：须存在于本账号，并按文档的格式提交；不按项目筛选时省略该参数。",
		"a project ID in the statistics query is not valid", "Check the IDs in projects: each must exist in this account, " +
			"in the documented format. Leave the parameter out if you do not filter by project."}},

	// The ECDN configuration system behind the API.
	{10000, "ConfigSystemError", dsa, behind, ClassInternal,
		v3{"InternalError.EcdnConfigError", "InternalError.CdnConfigError"}, twins{1000, 6000}, Text{
			"ECDN 的配置系统出了故障", "稍后重试。变更操作先查询域名配置是否已经生效；问题持续时提交工单。",
			"the ECDN configuration system had an error", "Try again later. For a change, check first whether the domain " +
				"already has the new configuration. Submit a ticket to Tencent Cloud if the error persists."}},
	{10100, "InvalidConfigParameter", dsa, behind, ClassInvalid, nil, twins{1012, 4000}, Text{"ECDN 配置含有无效的参数",
		"按 message 的提示改正配置项后重新提交。", "a parameter of the ECDN configuration is not valid",
		"Find the setting in the message, correct it and submit the configuration again."}},
	{10101, "InvalidConfigVersion", dsa, behind, ClassInvalid, nil, nil, Text{"ECDN 配置中的 Version 无效",
		"改用接口文档给出的 Version 取值。", "the Version of the ECDN configuration is not valid",
		"Use a value of Version that the action's documentation lists."}},
	{10102, "InvalidConfigAction", dsa, behind, ClassInvalid, nil, twins{1011, 6100}, Text{"ECDN 配置中的 Action 无效",
		"检查 Action 的拼写和大小写，并确认该操作受支持。", "the Action of the ECDN configuration is not valid",
		"Check the spelling and letter case of Action, and that the operation is supported."}},
	{10103, "InvalidConfigToken", dsa, behind, ClassInvalid, nil, nil, Text{"ECDN 配置中的 Token 无效",
		"检查配置中的 Token 取值是否正确、填写是否完整，改正后重新提交；仍不成功时联系腾讯云客服。",
		"the Token of the ECDN configuration is not valid", "Check that the Token in the configuration is the right one " +
			"and complete, correct it and submit again. Contact Tencent Cloud support if that does not help."}},
	{10104, "ConfigDomainOffline", dsa, behind, ClassDomainState, nil, twins{2004, 2005}, Text{
		"所配置的 ECDN 域名处于下线状态", "先核对域名是否填对。要修改它的配置，先用 OnlineDsaHost 上线，" +
			"等部署完成后再修改；本意是下线的，无需再操作。", "the domain of the ECDN configuration is offline",
		"Check that it is the right domain. To change its configuration, bring the domain online with OnlineDsaHost and " +
			"wait for the deployment first. If you were taking it offline, nothing is left to do."}},
	{10105, "ConfigDomainOnline", dsa, behind, ClassDomainState, nil, nil, Text{"所配置的 ECDN 域名已经上线",
		"本意是上线的，无需再操作；该操作要求域名下线时（例如删除），先调用 OfflineDsaHost，等部署完成后再执行。",
		"the domain of the ECDN configuration is already online", "If you were bringing it online, nothing is left to do. " +
			"If the operation needs it offline, as a deletion does, call OfflineDsaHost first and wait for the deployment."}},
	{10106, "InvalidConfigJSON", dsa, behind, ClassInvalid, nil, nil, Text{"ECDN 配置不是合法的 JSON",
		"用 JSON 工具校验配置内容，注意引号、转义和参数的 URL 编码。", "the ECDN configuration is not valid JSON",
		"Check the configuration with a JSON tool, and mind quotes, escapes and the URL encoding of the parameter."}},
	{10107, "ConfigDomainNotFound", dsa, behind, ClassNotFound, nil, twins{2000, 5000}, Text{"找不到 ECDN 配置所属的域名",
		"用 GetDsaHostList 核对域名；尚未添加的，先用 CreateDsaHost 添加，再提交配置。",
		"the domain of the ECDN configuration does not exist", "Check the domain with GetDsaHostList. If it has not been " +
			"added, add it with CreateDsaHost before you submit the configuration."}},
	{10108, "InvalidConfigHost", dsa, behind, ClassInvalid, nil, twins{2100}, Text{"ECDN 配置中的 HOST 无效",
		"检查 HOST 的拼写和格式：须为合法的域名，不带协议和路径。", "the HOST of the ECDN configuration is not valid",
		"Check the spelling and format of HOST: a valid domain name without scheme or path."}},
	{10109, "InvalidConfigOrigin", dsa, behind, ClassOriginConfig, nil, nil, Text{"ECDN 配置中的源站无效",
		"按“域名:端口”或“IP:端口”的格式填写源站，端口为 1 至 65535，多个 IP 以逗号分隔。",
		"the origin of the ECDN configuration is not valid", "Write an origin as domain:port or ip:port, with a port from " +
			"1 to 65535, and separate several IP addresses with commas."}},
	{10112, "InvalidOriginWeight", dsa, behind, ClassOriginConfig, nil, nil, Text{"源站权重的取值无效",
		"权重填 1 至 100 的整数；strategyWeight 的键须与 origin 中的源站逐一对应，且源站须为 IP。",
		"the weight of an origin is not valid", "Give weights as integers from 1 to 100. The keys of strategyWeight must " +
			"be the origins listed in origin, and those must be IP addresses."}},
	{10113, "InvalidPrimaryBackupOrigins", dsa, behind, ClassOriginConfig, nil, nil, Text{"主备源站的配置无效",
		"只支持一主一备：检查 backupOrigin 是否只有一个源站、是否为 IP、格式是否与文档一致。",
		"the configuration of primary and backup origins is not valid", "Only one primary and one backup origin are " +
			"supported: check that backupOrigin holds one origin, that it is an IP address, and that its format is the " +
			"documented one."}},
}

// The words of the columns.
const common, dsa, atGateway, behind = "", "dsa", true, false

type (
	v3    = []string
	twins = []Code
)
