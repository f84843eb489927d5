package plot

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"
)

func TestSVG(t *testing.T) {
	c := Chart{
		Title: "a < b", Bin: time.Second, Top: 100, Limit: func(time.Duration) float64 { return 50 },
		Panels: []Panel{
			{Name: "first & only", Note: "done", Good: []float64{50, 50, 0, 200}, Bad: []float64{10}},
			{Name: "second", Good: []float64{25}},
		},
	}
	var got strings.Builder
	if err := c.SVG(&got); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(got.String())); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, got.String())
		}
	}
	// A quarter of the width for each of four seconds, 78 pixels for 100/s,
	// and nothing above the top.
	const bottom = 62 + 25 + 78
	if path := c.steps(c.Panels[0].Good, bottom); path != "V126.0H444V165.0H643V87.0H842" {
		t.Errorf("the path is %s", path)
	}
	for _, want := range []string{"a &lt; b", "first &amp; only", ">second<", ">50<"} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
}
