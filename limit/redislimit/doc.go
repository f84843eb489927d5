// Package redislimit shares a quota among processes, through Redis. The quota
// belongs to the account: where several processes or machines call for the same
// account, a limiter in each of them has to guess what the others leave. The
// Limiter of this package learns like [limit.Adaptive], but for all of them:
//
//	limiter, err := redislimit.New(redislimit.Config{
//		Redis: &redis.UniversalOptions{Addrs: []string{"localhost:6379"}},
//	})
//	client := &http.Client{Transport: &qcloudhttp.Transport{Limiter: limiter}}
//
// Until the API first rejects a call for its quota, of whichever process, calls
// pass at once. From then on the processes take turns at one rate for each
// account, host and action; each gets as many as it has calls waiting, in
// proportion. A rejection slows all of them down, and when more is accepted all
// speed up. A minute in which no call had to wait makes them forget.
//
// # What it costs
//
// No call has a round trip to Redis of its own. A process reports outcomes and
// takes turns in batches:
//
//   - While nothing is limited, one round trip a second as long as there are
//     calls, in the background. The first calls of a process wait for it, 40 ms
//     at most, so that a process that joins does not begin with a burst.
//   - For each limited quota, about 22 round trips a second, whatever the
//     number of calls: 0.022 for each call at 1,000 calls a second. Rejections,
//     and calls that find no turn in hand, add some, up to 100 a second; a quota
//     with fewer calls than that costs at most one for each call and outcome.
//   - Without calls, none.
//
// # Without Redis
//
// When Redis does not answer in time, or answers with an error (it is away,
// starting, full, a read-only replica), calls go on under a limit.Adaptive of
// the process's own, at most 100 ms later; calls that wait for a turn do so
// too. It begins as after a rejection: with a probe, not with a burst. Redis is
// tried again, after 25 ms at first and every 400 ms later on, as long as there
// are calls. Once it is back the processes share again, and what it lost they
// give back to it. Config.OnChange is told of both, once.
//
// # How the rate is learnt
//
// A script on the server (pace.lua) decides, by the server's clock; processes
// tell ages, never times. What was accepted from one exhaustion of the quota to
// the next is its rate, whatever kind of quota it is. The pace keeps half a
// percent below, and after a quiet time, of up to 16 s as long as measurements
// agree, tries more. Of a quota that banks nothing the mean is too low, so the
// rate that was reached is tried for two seconds. Rejections of attempts that
// were let through before the last one became known change nothing. While the
// quota is exhausted, one process at a time sends one probe.
//
// # In Redis
//
// A quota takes two small hashes with the same hash tag, so that they are on
// one node of a Cluster, and all together one sorted set of the quotas that are
// limited. Their names hold hashes, of nothing that is secret. They expire
// within a minute of disuse. Eviction and loss do no harm. The scripts need
// EVALSHA, EVAL, TIME and commands on hashes and sorted sets.
//
// go-redis logs failed connections to standard error; redis.SetLogger changes
// that.
package redislimit
