package scenarios

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// txJSONParser parses a line of JSON Lines. It is its own parser of this one
// shape because encoding/json accepts what must be refused here (names in
// another case, fields given twice, half a surrogate pair) and takes several
// times longer.
type txJSONParser struct {
	workers int
	line    []byte
	pos     int
	scratch []byte // texts of the line's strings with escapes
}

func (p *txJSONParser) parse(line []byte, tx *rawTx) *InputProblem {
	p.line, p.pos, p.scratch = line, 0, p.scratch[:0]
	var at []byte
	hasOps := false
	bad := p.object(func(name []byte, column int) (bad *InputProblem) {
		switch string(name) {
		case "id":
			return p.field(&tx.id, name, column)
		case "at":
			if bad := p.field(&at, name, column); bad != nil {
				return bad
			}
			tx.at, bad = parseAt(at)
			return bad
		case "ops":
			if hasOps {
				return problemf(column, `duplicate field "ops": expected it once`)
			}
			hasOps = true
			return p.array(func(int) *InputProblem { return p.op(tx) })
		}
		return problemf(column, "unknown field %s: expected id, at or ops", excerpt(name))
	})
	if bad != nil {
		return bad
	}
	if p.peek() != 0 || p.pos < len(p.line) {
		return p.unexpected("the end of the line")
	}
	return tx.finish()
}

// op parses an operation, in the short form or the verbose one.
func (p *txJSONParser) op(tx *rawTx) *InputProblem {
	c := p.peek()
	f := opFields{column: p.pos + 1}
	var bad *InputProblem
	switch c {
	case '[':
		short := [...]*[]byte{&f.op, &f.worker, &f.key, &f.value}
		bad = p.array(func(i int) (bad *InputProblem) {
			if i == len(short) {
				return p.unexpected(`"]" after at most 4 strings: operation, worker, key, value`)
			}
			*short[i], bad = p.str()
			return bad
		})
	case '{':
		bad = p.object(func(name []byte, column int) *InputProblem {
			switch string(name) {
			case "op":
				return p.field(&f.op, name, column)
			case "worker":
				return p.field(&f.worker, name, column)
			case "key":
				return p.field(&f.key, name, column)
			case "value":
				return p.field(&f.value, name, column)
			}
			return problemf(column, "unknown field %s: expected op, worker, key or value", excerpt(name))
		})
	default:
		return p.unexpected(`an operation such as ["r","w0","key"]`)
	}
	if bad != nil {
		return bad
	}
	return f.resolve(tx, p.workers)
}

// field parses a string into the field of that name, which must not have one.
func (p *txJSONParser) field(to *[]byte, name []byte, column int) (bad *InputProblem) {
	if *to != nil {
		return problemf(column, "duplicate field %s: expected it once", excerpt(name))
	}
	*to, bad = p.str()
	return bad
}

// peek skips blanks and returns the next byte, or 0 at the end of the line.
func (p *txJSONParser) peek() byte {
	for ; p.pos < len(p.line); p.pos++ {
		if c := p.line[p.pos]; c != ' ' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

func (p *txJSONParser) accept(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.pos++
	return true
}

// object calls value at the value of each field; column is where the field's
// name begins.
func (p *txJSONParser) object(value func(name []byte, column int) *InputProblem) *InputProblem {
	if !p.accept('{') {
		return p.unexpected(`"{"`)
	}
	if p.accept('}') {
		return nil
	}
	for {
		p.peek()
		column := p.pos + 1
		name, bad := p.str()
		if bad != nil {
			return bad
		}
		if !p.accept(':') {
			return p.unexpected(`":" after the name of a field`)
		}
		if bad := value(name, column); bad != nil {
			return bad
		}
		if p.accept('}') {
			return nil
		}
		if !p.accept(',') {
			return p.unexpected(`"," or "}"`)
		}
	}
}

// array calls element at each element, numbered from 0.
func (p *txJSONParser) array(element func(i int) *InputProblem) *InputProblem {
	if !p.accept('[') {
		return p.unexpected(`"["`)
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
			return p.unexpected(`"," or "]"`)
		}
	}
}

// str parses a string. The result is never nil without a problem.
func (p *txJSONParser) str() ([]byte, *InputProblem) {
	if !p.accept('"') {
		return nil, p.unexpected("a string")
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
			return nil, problemf(p.pos+1, `character %U in a string: expected \u%04x`, c, c)
		}
	}
	return nil, problemf(len(p.line)+1, "found the end of the line: expected a closing quote")
}

// escape decodes the escape at p.pos and leaves p.pos on its last byte.
func (p *txJSONParser) escape() *InputProblem {
	const plain, decoded = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	start := p.pos
	p.pos++
	if p.pos < len(p.line) {
		c := p.line[p.pos]
		for i := range len(plain) {
			if plain[i] == c {
				p.scratch = append(p.scratch, decoded[i])
				return nil
			}
		}
	}
	r, ok := p.unicodeEscape(start)
	if !ok {
		return problemf(start+1, `bad escape in a string: expected \" \\ \/ \b \f \n \r \t or \u and 4 hex digits`)
	}
	p.pos = start + 5
	if utf16.IsSurrogate(r) {
		low, _ := p.unicodeEscape(start + 6)
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return problemf(start+1, "half of a surrogate pair: expected both")
		}
		p.pos = start + 11
	}
	p.scratch = utf8.AppendRune(p.scratch, r)
	return nil
}

// unicodeEscape returns the value of \u and four hexadecimal
// digits at the position.
func (p *txJSONParser) unicodeEscape(at int) (rune, bool) {
	if at+6 > len(p.line) || p.line[at] != '\\' || p.line[at+1] != 'u' {
		return 0, false
	}
	r, err := strconv.ParseUint(string(p.line[at+2:at+6]), 16, 16)
	return rune(r), err == nil
}

func (p *txJSONParser) unexpected(expected string) *InputProblem {
	if p.peek() == 0 && p.pos == len(p.line) {
		return problemf(p.pos+1, "found the end of the line: expected %s", expected)
	}
	rest, at := p.line[p.pos:], p.pos+1
	if rest[0] == '"' {
		s, bad := p.str()
		if bad != nil {
			return bad
		}
		return problemf(at, "found the string %s: expected %s", excerpt(s), expected)
	}
	n := 1
	for n < len(rest) && !isOneOf(rest[0], ",:[]{}") && !isOneOf(rest[n], " \t\r,:[]{}\"") {
		n++
	}
	return problemf(at, "found %s: expected %s", excerpt(rest[:n]), expected)
}
