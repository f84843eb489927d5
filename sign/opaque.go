package sign

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// opaque, embedded in a struct, makes the struct print as "[redacted]". Its
// methods have value receivers, so that they hold for a value as well as for a
// pointer, also where the struct itself must not be copied.
type opaque struct{}

// String returns "[redacted]".
func (opaque) String() string { return redacted }

// Format prints "[redacted]" for every verb and flag, %+v and %#v included.
func (opaque) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns "[redacted]" to encoding/json, encoding/xml and others.
func (opaque) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns "[redacted]" to log/slog.
func (opaque) LogValue() slog.Value { return slog.StringValue(redacted) }
