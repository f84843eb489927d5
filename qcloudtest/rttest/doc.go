// Package rttest tests implementations of [net/http.RoundTripper] that wrap
// another one: retriers, signers, limiters, loggers. In the manner of
// [testing/fstest] it takes any implementation:
//
//	func TestConformance(t *testing.T) {
//		rttest.Run(t, rttest.Config{
//			New: func(base http.RoundTripper) http.RoundTripper {
//				return &mine.Transport{Base: base}
//			},
//		})
//	}
//
// Each duty is one [Check]. Most duties are those of net/http's own contract
// (the documentation of RoundTripper and of http.Transport), some are what a
// caller of a retrying transport relies on: complete bodies on every attempt,
// nothing read without a bound, waits that end with the context. A check that
// does not apply to an implementation (one that never tries again cannot break
// the body of its second attempt) says so by [ErrNotApplicable].
//
// Checks run outside of package testing too:
//
//	for _, c := range rttest.Checks() {
//		fmt.Println(c.Name, c.Run(ctx, config))
//	}
//
// Run the tests with -race: the check of concurrent use depends on it.
package rttest
