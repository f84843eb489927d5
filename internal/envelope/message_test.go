package envelope

import "testing"

func TestParseMessage(t *testing.T) {
	for _, c := range []struct {
		msg    string
		module int
		ok     bool
		text   string
	}{
		{"(2000)加速域名不存在", 2000, true, "加速域名不存在"},
		{"(2000) Accelerated domain name does not exist", 2000, true, "Accelerated domain name does not exist"},
		{"(-1)服务内部错误", -1, true, "服务内部错误"},
		{"(- 514) text", -514, true, "text"},
		{"( 2000 )text", 2000, true, "text"},
		{" (2000)text", 2000, true, "text"},
		{"（2000）文本", 2000, true, "文本"},
		{"（-1）　文本", -1, true, "文本"},
		{"(2000）text", 2000, true, "text"},
		{"(2000)（3000）text", 2000, true, "（3000）text"},
		{"(2000))text", 2000, true, ")text"},
		{"(0)", 0, true, ""},
		{"(0012)text", 12, true, "text"},
		{"(2147483647)text", 2147483647, true, "text"},

		{"", 0, false, ""},
		{"text", 0, false, "text"},
		{"text (2000)", 0, false, "text (2000)"},
		{"(see docs) text", 0, false, "(see docs) text"},
		{"()text", 0, false, "()text"},
		{"(", 0, false, "("},
		{"(2000", 0, false, "(2000"},
		{"(-)text", 0, false, "(-)text"},
		{"(--1)text", 0, false, "(--1)text"},
		{"(+1)text", 0, false, "(+1)text"},
		{"(-+1)text", 0, false, "(-+1)text"},
		{"(20 00)text", 0, false, "(20 00)text"},
		{"(2,000)text", 0, false, "(2,000)text"},
		{"(2000a)text", 0, false, "(2000a)text"},
		{"(1_000)text", 0, false, "(1_000)text"},
		{"(0x10)text", 0, false, "(0x10)text"},
		{"(2147483648)text", 0, false, "(2147483648)text"},
		{"(99999999999999999999)text", 0, false, "(99999999999999999999)text"},
		{"((2000))text", 0, false, "((2000))text"},
		{"[2000]text", 0, false, "[2000]text"},
		{"２０００", 0, false, "２０００"},
	} {
		module, ok, text := ParseMessage(c.msg)
		if module != c.module || ok != c.ok || text != c.text {
			t.Errorf("%q: got %d, %t, %q, want %d, %t, %q", c.msg, module, ok, text, c.module, c.ok, c.text)
		}
	}
}
