//go:build race

package main

// underRace says that the race detector runs. Go 1.26's crashes (SIGSEGV in
// runtime.(*timer).maybeRunChan) where a timer of a synctest bubble has expired
// when it is first looked at, as those of the AWS SDK's zero waits have.
const underRace = true
