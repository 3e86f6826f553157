package input

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON parses a line of JSON whose form the caller knows, and reports where the line
// deviates from it. encoding/json would accept what must be refused here (names in another
// case, fields given twice, half a surrogate pair) and takes several times longer. What it
// returns is valid until the next line.
type JSON struct {
	line    []byte
	pos     int
	scratch []byte // texts of the line's strings with escapes
}

// Reset begins a line, which must be valid UTF-8.
func (p *JSON) Reset(line []byte) { p.line, p.pos, p.scratch = line, 0, p.scratch[:0] }

// End returns a problem if anything but blanks is left of the line.
func (p *JSON) End() *Problem {
	if p.Peek() != 0 || p.pos < len(p.line) {
		return p.Unexpected("the end of the line")
	}
	return nil
}

// Field parses a string into the field of that name, and refuses a field that is given
// twice.
func (p *JSON) Field(to *[]byte, name []byte, column int) (bad *Problem) {
	if *to != nil {
		return Problemf(column, "duplicate field %s: expected it once", Excerpt(name))
	}
	*to, bad = p.Bytes()
	return bad
}

// Peek skips blanks and returns the next byte, or 0 at the end of the line.
func (p *JSON) Peek() byte {
	for ; p.pos < len(p.line); p.pos++ {
		if c := p.line[p.pos]; c != ' ' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

func (p *JSON) accept(c byte) bool {
	if p.Peek() != c {
		return false
	}
	p.pos++
	return true
}

// Object calls value at the value of each field; column is where the field's
// name begins.
func (p *JSON) Object(value func(name []byte, column int) *Problem) *Problem {
	if !p.accept('{') {
		return p.Unexpected(`"{"`)
	}
	if p.accept('}') {
		return nil
	}
	for {
		column := p.Column()
		name, bad := p.Bytes()
		if bad != nil {
			return bad
		}
		if !p.accept(':') {
			return p.Unexpected(`":" after the name of a field`)
		}
		if bad := value(name, column); bad != nil {
			return bad
		}
		if p.accept('}') {
			return nil
		}
		if !p.accept(',') {
			return p.Unexpected(`"," or "}"`)
		}
	}
}

// Array calls element at each element, numbered from 0.
func (p *JSON) Array(element func(i int) *Problem) *Problem {
	if !p.accept('[') {
		return p.Unexpected(`"["`)
	}
	if p.accept(']') {
		return nil
	}
	for i := 0; ; i++ {
		if bad := element(i); bad != nil {
			return bad
		}
		if p.accept(']') {
			return nil
		}
		if !p.accept(',') {
			return p.Unexpected(`"," or "]"`)
		}
	}
}

// Bytes parses a string. The result is never nil without a problem.
func (p *JSON) Bytes() ([]byte, *Problem) {
	if !p.accept('"') {
		return nil, p.Unexpected("a string")
	}
	start, from := p.pos, len(p.scratch)
	for ; p.pos < len(p.line); p.pos++ {
		switch c := p.line[p.pos]; {
		case c == '"':
			p.pos++
			if len(p.scratch) == from {
				return p.line[start : p.pos-1], nil
			}
			p.scratch = append(p.scratch, p.line[start:p.pos-1]...)
			return p.scratch[from:len(p.scratch):len(p.scratch)], nil
		case c == '\\':
			p.scratch = append(p.scratch, p.line[start:p.pos]...)
			if bad := p.escape(); bad != nil {
				return nil, bad
			}
			start = p.pos + 1
		case c < ' ':
			return nil, Problemf(p.pos+1, `character %U in a string: expected \u%04x`, c, c)
		}
	}
	return nil, Problemf(len(p.line)+1, "found the end of the line: expected a closing quote")
}

// escape decodes the escape at p.pos and leaves p.pos on its last byte.
func (p *JSON) escape() *Problem {
	const plain, decoded = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	start := p.pos
	p.pos++
	if p.pos < len(p.line) {
		if i := strings.IndexByte(plain, p.line[p.pos]); i >= 0 {
			p.scratch = append(p.scratch, decoded[i])
			return nil
		}
	}
	r, ok := p.unicodeEscape(start)
	if !ok {
		return Problemf(start+1, `bad escape in a string: expected \" \\ \/ \b \f \n \r \t or \u and 4 hex digits`)
	}
	p.pos = start + 5
	if utf16.IsSurrogate(r) {
		low, _ := p.unicodeEscape(start + 6)
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return Problemf(start+1, "half of a surrogate pair: expected both")
		}
		p.pos = start + 11
	}
	p.scratch = utf8.AppendRune(p.scratch, r)
	return nil
}

// unicodeEscape returns the value of \u and four hexadecimal
// digits at the position.
func (p *JSON) unicodeEscape(at int) (rune, bool) {
	if at+6 > len(p.line) || p.line[at] != '\\' || p.line[at+1] != 'u' {
		return 0, false
	}
	r, err := strconv.ParseUint(string(p.line[at+2:at+6]), 16, 16)
	return rune(r), err == nil
}

// Unexpected returns the problem of what is next on the line.
func (p *JSON) Unexpected(expected string) *Problem {
	if p.Peek() == 0 && p.pos == len(p.line) {
		return Problemf(p.pos+1, "found the end of the line: expected %s", expected)
	}
	rest, at := p.line[p.pos:], p.pos+1
	if rest[0] == '"' {
		s, bad := p.Bytes()
		if bad != nil {
			return bad
		}
		return Problemf(at, "found the string %s: expected %s", Excerpt(s), expected)
	}
	n := 1
	for n < len(rest) && strings.IndexByte(",:[]{}", rest[0]) < 0 && strings.IndexByte(" \t\r,:[]{}\"", rest[n]) < 0 {
		n++
	}
	return Problemf(at, "found %s: expected %s", Excerpt(rest[:n]), expected)
}

// Column returns where the next thing begins, from 1.
func (p *JSON) Column() int {
	p.Peek()
	return p.pos + 1
}

// Text parses a string into to.
func (p *JSON) Text(to *[]byte) (bad *Problem) {
	*to, bad = p.Bytes()
	return bad
}

// word reads what is neither string, array nor object.
func (p *JSON) word() string {
	p.Peek()
	start := p.pos
	for p.pos < len(p.line) && strings.IndexByte(" \t\r,:[]{}\"", p.line[p.pos]) < 0 {
		p.pos++
	}
	return string(p.line[start:p.pos])
}

// Int parses an integer of 32 bits that is not below least.
func (p *JSON) Int(to *int64, least int64) *Problem {
	column := p.Column()
	word := p.word()
	n, err := strconv.ParseInt(word, 10, 32)
	if err != nil || n < least || word != strconv.FormatInt(n, 10) {
		p.pos = column - 1
		return p.Unexpected("an integer of at least " + strconv.FormatInt(least, 10))
	}
	*to = n
	return nil
}

// Bool parses true or false.
func (p *JSON) Bool(to *bool) *Problem {
	column := p.Column()
	word := p.word()
	if *to = word == "true"; !*to && word != "false" {
		p.pos = column - 1
		return p.Unexpected("true or false")
	}
	return nil
}

// AppendString appends s as a string of JSON: the inverse of [JSON.Bytes].
func AppendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			var quoted bytes.Buffer
			e := json.NewEncoder(&quoted)
			e.SetEscapeHTML(false)
			_ = e.Encode(s) // a string always marshals
			return append(b, bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
