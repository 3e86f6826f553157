package txfile

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/seed83d86191/txsim/scenarios/input"
)

// textParser parses a line of the text form:
//
//	id [ "@" duration ] ":" op { ";" op } [ "#" comment ]
//	op = worker operation key [ "=" value ]
type textParser struct {
	workers int
	line    []byte
	pos     int
}

// The characters that end a bare word, besides blanks.
const (
	wordEnds = `;="#`
	idEnds   = wordEnds + ":@"
)

func (p *textParser) parse(line []byte, tx *rawTx) *input.Problem {
	p.line, p.pos = line, 0
	var bad *input.Problem
	if tx.id, bad = p.word(idEnds); bad != nil {
		return bad
	}
	if p.accept('@') {
		word, bad := p.word(idEnds)
		if bad != nil {
			return bad
		}
		if word == nil {
			return p.unexpected(`a duration after "@"`)
		}
		if tx.at, bad = parseAt(word); bad != nil {
			return bad
		}
	}
	if len(tx.id) > 0 && !p.accept(':') {
		return p.unexpected(`":" after the id`)
	}
	for len(tx.id) > 0 && !p.end() {
		if bad := p.op(tx); bad != nil {
			return bad
		}
		if p.accept(';') && p.end() {
			return p.unexpected(`an operation after ";"`)
		}
	}
	return tx.finish()
}

// op parses an operation up to the ";" or the end of the line after it.
func (p *textParser) op(tx *rawTx) (bad *input.Problem) {
	p.blanks()
	f := opFields{column: p.pos + 1}
	for _, field := range []*[]byte{&f.worker, &f.op, &f.key} {
		if *field, bad = p.word(wordEnds); bad != nil {
			return bad
		}
		if *field == nil {
			break
		}
	}
	if p.accept('=') {
		if f.value, bad = p.word(wordEnds); bad != nil {
			return bad
		}
		if f.value == nil {
			return p.unexpected(`a value after "="`)
		}
	}
	switch {
	case p.end() || p.line[p.pos] == ';':
	case f.value != nil:
		return p.unexpected(`";" or the end of the line`)
	default:
		return p.unexpected(`"=", ";" or the end of the line`)
	}
	return f.resolve(tx, p.workers)
}

func (p *textParser) blanks() {
	for p.pos < len(p.line) && (p.line[p.pos] == ' ' || p.line[p.pos] == '\t') {
		p.pos++
	}
}

// end reports whether only blanks and a comment are left.
func (p *textParser) end() bool {
	p.blanks()
	return p.pos == len(p.line) || p.line[p.pos] == '#'
}

// accept steps over c, if it comes next.
func (p *textParser) accept(c byte) bool {
	p.blanks()
	if p.pos == len(p.line) || p.line[p.pos] != c {
		return false
	}
	p.pos++
	return true
}

// word returns the next word, without its quotes, or nil if a character of
// ends, or the end of the line, comes next.
func (p *textParser) word(ends string) ([]byte, *input.Problem) {
	p.blanks()
	start := p.pos
	if start < len(p.line) && p.line[start] == '"' {
		return p.quoted()
	}
	p.pos += bareLen(p.line[start:], ends)
	if bad := p.badEnd(start); bad != nil {
		return nil, bad
	}
	if p.pos == start {
		return nil, nil
	}
	return p.line[start:p.pos], nil
}

// badEnd refuses a bare word, from start to p.pos, that is cut short by a
// character which might have been meant as a part of it.
func (p *textParser) badEnd(start int) *input.Problem {
	if p.pos == len(p.line) {
		return nil
	}
	r, _ := utf8.DecodeRune(p.line[p.pos:])
	switch {
	case r != '\t' && !unicode.IsPrint(r):
		return input.Problemf(p.pos+1, "character %U in a bare word: expected a quoted string", r)
	case r == '#' && p.pos > start:
		return input.Problemf(p.pos+1, `"#" in a bare word: expected a quoted string, or a blank before a comment`)
	case r == '"':
		return input.Problemf(p.pos+1, "quote in a bare word: expected all of it quoted")
	}
	return nil
}

// bareLen returns how much of s, from its start, may stand in a bare word.
func bareLen(s []byte, ends string) int {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(s[i:])
			if !unicode.IsPrint(r) {
				return i
			}
			i += n
			continue
		}
		if c <= ' ' || c == 0x7f || c <= '@' && isOneOf(c, ends) {
			return i
		}
		i++
	}
	return len(s)
}

func isOneOf(c byte, ends string) bool {
	for i := range len(ends) {
		if ends[i] == c {
			return true
		}
	}
	return false
}

// quoted parses a Go string in double quotes.
func (p *textParser) quoted() ([]byte, *input.Problem) {
	start, escaped := p.pos, false
	for p.pos++; ; p.pos++ {
		if p.pos >= len(p.line) {
			return nil, input.Problemf(start+1, "string without a closing quote: expected one on the same line")
		}
		if c := p.line[p.pos]; c == '"' {
			break
		} else if c == '\\' {
			escaped = true
			p.pos++
		}
	}
	p.pos++
	text := p.line[start:p.pos]
	if !escaped {
		return text[1 : len(text)-1], nil
	}
	s, err := strconv.Unquote(string(text))
	switch {
	case err != nil:
		return nil, input.Problemf(start+1, "bad escape in a string: expected a quoted Go string")
	case !utf8.ValidString(s):
		return nil, input.Problemf(start+1, "invalid UTF-8 in a string: expected UTF-8 text")
	}
	return []byte(s), nil
}

func (p *textParser) unexpected(expected string) *input.Problem {
	found := "the end of the line"
	if !p.end() {
		n := max(1, bareLen(p.line[p.pos:], wordEnds))
		found = input.Excerpt(p.line[p.pos : p.pos+n])
	}
	return input.Problemf(p.pos+1, "found %s: expected %s", found, expected)
}

// isBare reports whether a word of the text form needs no quotes.
func isBare(s, ends string) bool {
	return s != "" && bareLen([]byte(s), ends) == len(s)
}

// isBareID does the same for an id, which begins a line.
func isBareID(s string) bool {
	return isBare(s, idEnds) && s[0] != '{'
}
