// Package qcloudtest is a DSA API for tests, in the manner of
// [net/http/httptest]: a server in memory that keeps domains, answers with the
// vendor's codes for the vendor's reasons, breaks connections on command and
// remembers what it was sent.
//
//	srv := qcloudtest.NewServer(qcloudtest.WithDomain("www.example.com"), qcloudtest.WithCredentials(id, key))
//	defer srv.Close()
//
//	srv.Next(2, qcloudtest.Code(codes.InternalError)) // the next two calls fail with 6000
//	srv.NextFor("FlushCache", 1, qcloudtest.Execute(), qcloudtest.Drop()) // executed, unanswered
//
//	run(srv.Endpoint()) // the program under test
//
//	srv.Executed("FlushCache") // how many took effect
//	srv.Requests()             // every request: action, parameters, answer
//	srv.Pending()              // scripted answers that nobody took
//
// Without WithCredentials neither signatures nor Nonces are checked: what was
// executed and dropped is executed again by a resend.
//
// [Server] listens on loopback. [API] is the same without a socket: a
// [net/http.Handler], and by [API.Transport] a [net/http.RoundTripper] that
// starts no goroutine. The latter works inside a [testing/synctest] bubble:
// deployments, quota windows and signatures then run on the bubble's clock
// (make the API inside the bubble).
//
// # What it speaks
//
// API 2.0 at /v2/index.php by GET and POST: hosts (CreateDsaHost,
// OnlineDsaHost, OfflineDsaHost, DeleteDsaHost, UpdateDsaHostInfo,
// GetDsaHostInfo, GetDsaHostList, GetDsaHttpsHostList), the cache (FlushCache,
// GetFlushLog), the account (RegisterDsaUser, UpdateDsaUserInfo,
// GetDsaUserInfo), and made-up but repeatable figures (GetDsaStatistics,
// GetDsaHostStatistics, GetDsaHostLogs). API 3.0 at POST / speaks of the same
// domains with the action names of the products ecdn (version 2019-10-12) and
// cdn (2018-06-06).
//
// # Codes and their reasons
//
//	1014             the domain is being deployed: 5 minutes after each change
//	                 (WithDeployTime), or until SetDomain's DeployedAt
//	1100, 1101       the account is not registered (WithUnregisteredUser), or is already
//	2000, 2001       no such domain, the domain exists
//	2002             the domain is not filed (WithUnfiled)
//	2003, 2006       the domain is locked or banned (SetDomain)
//	2004             a flush while the domain's first deployment runs
//	2005, 10105      the domain is offline, or online, and must not be
//	2010             two changes of a domain came too close (WithDomainInterval)
//	2100, 2114       a bad name, a long one
//	2121, 2122, 2124 too many origins, the domain itself as origin, a private address
//	10109            an origin that is no host
//	2130, 2140, 2170 a bad projectId, https or rspHeader
//	9000, 9001       bad dates or metrics
//	4000             alone, without a module code: a parameter is missing or malformed
//	4100, 4105       a wrong signature or SecretId, a wrong Token (WithCredentials)
//	4200, 4500       the Timestamp has expired, the Nonce is spent (WithCredentials)
//	4400             over the quota (WithQuota)
//	4600, 6100       the method is neither GET nor POST, the action is unknown
//	5100, 5400       all, or some, domains of a batch (hostIds.0, hostIds.1, ...) failed
//	6200             maintenance (Maintenance)
//
// API 3.0 answers with the counterparts, such as ResourceInUse.EcdnOpInProgress
// for 1014.
//
// # The gateway
//
// Every request passes these checks, in this order, before anything is
// executed; the first that fails answers:
//
//  1. maintenance (6200), the HTTP method (4600), the action (4000, 6100)
//  2. SecretId, Signature, Token (4100, 4105), then Timestamp (4200)
//  3. the quota (4400)
//  4. the Nonce (4500)
//
// A Nonce is spent exactly when its request passes all of them and goes to the
// module, whatever the module answers. So a request that was answered by a
// gateway code may be sent again as it is, and 4400 to a resend says nothing of
// the first attempt. 4500 says that the first attempt went to the module. 2 and
// 4 need [WithCredentials]. The order of the checks is this package's own: the
// vendor documents none.
package qcloudtest
