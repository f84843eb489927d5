// Package qcloudtest is a Tencent Cloud API for tests, in the manner of
// [net/http/httptest]: a server in memory that passes each request through a
// gateway's checks, keeps domains, breaks connections on command and remembers
// what it was sent.
//
//	srv := qcloudtest.NewServer(qcloudtest.WithDomain("www.example.com"))
//	defer srv.Close()
//
//	srv.Next(2, qcloudtest.Code(codes.InternalError)) // the next two calls fail with 6000
//	srv.NextFor("FlushCache", 1, qcloudtest.Execute(), qcloudtest.Drop()) // executed, unanswered
//
//	run(srv.Endpoint()) // the program under test
//
//	srv.Executed("FlushCache") // how many took effect
//	srv.Requests()             // every request: action, parameters, answer
//	srv.ClearScript()          // scripted answers that nobody took
//
// [Server] listens on loopback. [API] is the same without a socket; its
// [API.Transport] works inside a [testing/synctest] bubble, where deployments,
// quotas and signatures run on the bubble's clock (make the API inside the bubble).
// A test of a retry need not wait: the examples of package qcloudhttp show it with
// Policy{MaxDelay: time.Millisecond} over sockets, and in a bubble without a socket.
//
// # Actions
//
// API 2.0 has eight actions of DSA at /v2/index.php by GET and POST, API 3.0 at
// POST / with X-TC-Version 2019-10-12 (ecdn; 2018-06-06, cdn, says Cdn for Ecdn).
// Beside each stand its parameters, those that may be left out in brackets, with
// their defaults, and then the members of data or of Response. A parameter that is
// missing or malformed is answered with an example of a good one. More parameters,
// such as projectId, are accepted and change nothing. [API.Handle] answers every
// other action, of any product, behind the same gateway and script.
//
//	CreateDsaHost          host "www.example.com", origin "origin.example.com:80"
//	AddEcdnDomain          Domain "www.example.com", Origin {"Origins":["origin.example.com:80"]}
//	                       2.0: a HOST; the domain is online and being deployed
//	OnlineDsaHost          hostId "1001", or host; the domain must be offline and deployed
//	StartEcdnDomain        Domain
//	OfflineDsaHost         hostId, or host; the domain must be online and deployed
//	StopEcdnDomain         Domain
//	DeleteDsaHost          hostId, or host; the domain must be offline and deployed
//	DeleteEcdnDomain       Domain
//	GetDsaHostInfo         hostId, or host: a HOST
//	DescribeDomainsConfig  as DescribeDomains
//	GetDsaHostList         [offset "0", length "100"]: hosts, a list of HOSTs, and total
//	DescribeDomains        [Offset 0, Limit 100, Filters [{"Name":"domain","Value":["www.example.com"]}]]:
//	                       Domains, a list of DOMAINs, and TotalCount
//	FlushCache             urlList "[\"http://www.example.com/a.png\"]": count and task_id
//	PurgeUrlsCache         Urls ["http://www.example.com/a.png"]: TaskId
//	GetFlushLog            [taskId, offset, length]: logs, a list of {task_id, url, status}, and total;
//	                       status is 1 while it runs and 2 when it is done
//	DescribePurgeTasks     [TaskId, Offset, Limit]: PurgeLogs, a list of {TaskId, Url, Status}, and
//	                       TotalCount; Status is "process" or "done"
//
//	HOST                   host_id, host, origin, status "online" or "offline", and
//	                       progress, which is 1 while it is being deployed, else 0
//	DOMAIN                 Domain, Origin {"Origins"}, Status "online", "offline" or "processing"
//
// # Codes and their reasons
//
//	1014           the domain is being deployed: 5 minutes after each change (WithDeployTime)
//	2000, 2001     no such domain, the domain exists
//	2002           the domain is not filed (WithUnfiled)
//	2005, 10105    the domain is offline, or online, and must not be
//	2100           a name that is none
//	4000           alone, without a module code: a parameter is missing or malformed
//
// The gateway has more, below, and the script ([API.Next]) gives any other. API 3.0
// answers with the counterparts, such as ResourceInUse.EcdnOpInProgress for 1014.
//
// # The gateway
//
// Every request passes these checks in this order, which is this package's own,
// for the vendor documents none. The first that fails answers:
//
//  1. Maintenance (6200), an action is named (4000), by GET or POST (4600), and known (6100)
//  2. Signature, SecretId, Token (4100, 4104, 4105), then Timestamp (4200): WithCredentials
//  3. the quotas (4400): WithQuota, WithQuotas
//  4. the Nonce (4500): WithCredentials; API 3.0: a ClientToken, which repeats the first answer
//  5. the quotas by domain (2010), which are the module's: WithQuotas, ByDomain
//
// A Nonce is spent exactly when its request gets to 5, whatever is answered then. So
// what a gateway code answered may be sent again as it is; 4400 to a resend says
// nothing of the first attempt, and 4500 says that it went to the module. Without
// [WithCredentials] a resend of what was executed and dropped is executed.
package qcloudtest
