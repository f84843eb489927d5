package limit

import (
	"fmt"
	"os"
	"time"
)

var debugOn = os.Getenv("LIMDEBUG") != ""
var debugStart time.Time

func (k *key) debug(what string, now time.Time, args ...any) {
	if !debugOn {
		return
	}
	if debugStart.IsZero() {
		debugStart = now
	}
	fmt.Fprintf(os.Stderr, "%8.3f %-7s rate %.3f plain %.0f early %.0f gone %.0f rej %d win %v %+v\n", now.Sub(debugStart).Seconds(), what, k.rate, k.plain, k.early, k.gone, k.rejected, k.window.on, args)
}
