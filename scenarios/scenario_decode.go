package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/ycsb"
	"github.com/seed83d86191/txsim/sim"
)

// decoder reads YAML into a scenario. It walks the syntax tree itself, because the
// library's decoder gives no positions for errors in values of types such as sim.Dist.
type decoder struct {
	to       *Scenario
	lines    []string                // of the text
	given    map[string]*token.Token // where each parameter was given
	ycsb     *ycsb.Load              // that workload.properties names; nil for none
	inYCSB   *input.Error            // what is wrong in that file; nil for nothing
	problems []input.Problem
}

func newDecoder(to *Scenario, text string) *decoder {
	text = strings.TrimPrefix(text, input.BOM)
	return &decoder{to: to, lines: strings.Split(text, "\n"), given: map[string]*token.Token{}}
}

// invalidUTF8 reports the first byte that is not of UTF-8.
func (d *decoder) invalidUTF8() {
	for i, line := range d.lines {
		if at := input.InvalidUTF8([]byte(line)); at < len(line) {
			here := &token.Position{Line: i + 1, Column: utf8.RuneCountInString(line[:at]) + 1}
			d.problem(&token.Token{Position: here}, "invalid UTF-8, byte 0x%02x: expected UTF-8 text", line[at])
			return
		}
	}
}

// parse returns the one document of the text.
func (d *decoder) parse() ast.Node {
	tokens := lexer.Tokenize(strings.Join(d.lines, "\n"))
	if d.tooDeep(tokens) {
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		if e, ok := err.(yaml.Error); ok {
			d.problem(e.GetToken(), "not YAML: %s", e.GetMessage())
		} else {
			d.problem(nil, "not YAML: %v", err)
		}
		return nil
	}
	// A directive such as %YAML 1.2 comes as a document of its own in front.
	file.Docs = slices.DeleteFunc(file.Docs, func(doc *ast.DocumentNode) bool {
		_, directive := doc.Body.(*ast.DirectiveNode)
		return directive
	})
	switch {
	case len(file.Docs) > 1:
		d.problem(file.Docs[1].Start, "a second document: expected one")
	case len(file.Docs) == 0 || file.Docs[0].Body == nil:
		d.problem(nil, "empty: expected parameters such as workers: 10")
	default:
		return file.Docs[0].Body
	}
	return nil
}

// maxDepth bounds how deep lists and groups lie in one another. The parser takes memory by
// the square of that, and no parameter needs more than a few.
const maxDepth = 100

// tooDeep refuses a text in which lists and groups lie too deep in one another. Depth by
// indentation alone is not bounded: such a text is itself as long as the memory that it takes.
func (d *decoder) tooDeep(tokens token.Tokens) bool {
	brackets, dashes := 0, 0
	for _, t := range tokens {
		entry := t.Type == token.SequenceEntryType
		switch {
		case t.Type == token.SequenceStartType || t.Type == token.MappingStartType:
			brackets++
		case t.Type == token.SequenceEndType || t.Type == token.MappingEndType:
			brackets--
		case entry && t.Prev != nil && t.Prev.Type == t.Type && t.Prev.Position.Line == t.Position.Line:
			dashes++
		}
		if !entry {
			dashes = 0
		}
		if brackets+dashes > maxDepth {
			d.problem(t, "lists and groups more than %d deep: expected a few in one another", maxDepth)
			return true
		}
	}
	return false
}

// problem adds a problem at a token, with the line it is on.
func (d *decoder) problem(at *token.Token, format string, args ...any) {
	p := input.Problemf(0, format, args...)
	if at != nil && at.Position != nil && at.Position.Line <= len(d.lines) {
		p.Line = at.Position.Line
		line := []rune(strings.TrimSuffix(d.lines[p.Line-1], "\r"))
		column := min(max(at.Position.Column, 1), len(line)+1)
		p.Column = len(string(line[:column-1])) + 1
		p.Text += excerptLine(line, p.Line, column)
	}
	d.problems = append(d.problems, *p)
}

// excerptLine prints a line, or the part of a long one around the column, with a mark below
// the column.
func excerptLine(line []rune, number, column int) string {
	const most = 100
	if len(line) > most {
		from := max(0, min(column-most/2, len(line)-most))
		line, column = line[from:from+most], column-from
	}
	shown := strings.Map(func(r rune) rune {
		if r == '\t' || r < ' ' {
			return ' '
		}
		return r
	}, string(line))
	return fmt.Sprintf("\n  %d | %s\n  %*s | %*s", number, shown, len(fmt.Sprint(number)), "", column, "^")
}

// group reads a mapping of the parameters below prefix, "" being the top.
func (d *decoder) group(prefix string, node ast.Node) {
	entries, ok := groupMembers(node)
	if !ok {
		shown := describeNode(node)
		if prefix == "" {
			d.problem(node.GetToken(), "found %s: expected parameters such as workers: 10", shown)
		} else {
			d.problem(node.GetToken(), "%s = %s: must be a group such as {%s: …}", prefix, shown, members(prefix)[0])
		}
		return
	}
	first := map[string]int{}
	for _, e := range entries {
		var key ast.Node = e.Key
		name, ok := scalarText(key)
		if !ok {
			d.problem(key.GetToken(), "found %s: expected the name of a parameter", describeNode(key))
			continue
		}
		path := join(prefix, name)
		if line, again := first[name]; again {
			d.problem(key.GetToken(), "duplicate parameter %s, first on line %d: expected it once", path, line)
			continue
		}
		first[name] = key.GetToken().Position.Line
		if len(d.problems) > 0 && strings.HasSuffix(name, ")") {
			continue // the rest of a distribution without quotes, cut at its comma: reported already
		}
		if len(d.problems) < input.MaxProblems {
			d.value(path, key.GetToken(), e.Value)
		}
	}
}

// groupMembers returns the members of a group; ok is false if the node is none.
func groupMembers(node ast.Node) (members []*ast.MappingValueNode, ok bool) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

// value reads the value of the parameter or group at path.
func (d *decoder) value(path string, key *token.Token, node ast.Node) {
	p := findParameter(path)
	switch {
	case d.given[path] != nil: // once in its group and once by its path
		d.problem(key, "duplicate parameter %s, first on line %d: expected it once", path, d.given[path].Position.Line)
		return
	case path == "transactions" || strings.HasPrefix(path, "transactions."):
		d.transactions(path, key, node)
		return
	case path == propertiesPath:
		d.properties(path, node)
		return
	case p == nil && len(members(path)) > 0:
		d.group(path, node)
		return
	case p == nil:
		d.problem(key, "%s", unknownParameter(path))
		return
	}
	if path == "protocol" {
		d.to.protocolAt = position{}
	}
	d.given[path] = node.GetToken()
	switch to := p.in(d.to).(type) {
	case *[]string:
		*to, _ = d.list(path, node)
	case *[]sim.Deviation:
		d.choices(path, node, to)
	default:
		d.scalar(path, node, to, p.option)
	}
}

// scalar reads the value of a parameter that is neither a list nor a group.
func (d *decoder) scalar(path string, node ast.Node, to any, option string) {
	text, ok := scalarText(node)
	if !ok {
		d.problem(node.GetToken(), "%s = %s: must be a single value", path, describeNode(node))
		return
	}
	if err := parseValue(to, text, option); err != nil {
		d.problem(node.GetToken(), "%s = %s: %v", path, input.Shown(text), err)
	}
}

// scalarText returns the text of a scalar as it is written, without quotes.
func scalarText(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return node.GetToken().Value, true
	}
	return "", false
}

// describeNode returns what was found, for error messages.
func describeNode(node ast.Node) string {
	if text, ok := scalarText(node); ok {
		return input.Shown(text)
	}
	switch node.(type) {
	case *ast.NullNode:
		return "nothing"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a group"
	}
	return "an anchor, alias or tag"
}

// list reads a list of lines of text; a block of text is a list of its lines.
func (d *decoder) list(path string, node ast.Node) (texts []string, at []*token.Token) {
	if block, ok := node.(*ast.LiteralNode); ok {
		texts = strings.Split(strings.TrimSuffix(block.Value.Value, "\n"), "\n")
		for i := range texts {
			at = append(at, d.blockLine(block.GetToken(), i))
			d.given[item(path, i)] = at[i]
		}
		return texts, at
	}
	seq, ok := node.(*ast.SequenceNode)
	if !ok {
		d.problem(node.GetToken(), `%s = %s: must be a list of lines such as ["…", "…"]`, path, describeNode(node))
		return nil, nil
	}
	for i, value := range seq.Values {
		text, ok := scalarText(value)
		token, name := value.GetToken(), item(path, i)
		switch {
		case !ok:
			d.problem(token, "%s = %s: must be a line of text; quote it", name, describeNode(value))
			continue
		case d.cutShort(token, text):
			d.problem(token, "%s = %s: must be quoted, as it ends in a comment or goes on below", name, input.Shown(text))
			continue
		}
		texts, at = append(texts, text), append(at, token)
		d.given[name] = token
	}
	return texts, at
}

// blockLine is where the i-th line of a block of text is, below its "|".
func (d *decoder) blockLine(start *token.Token, i int) *token.Token {
	line := start.Position.Line + i // counted from 0
	if line >= len(d.lines) {
		return start
	}
	column := 1 + len(d.lines[line]) - len(strings.TrimLeft(d.lines[line], " "))
	return &token.Token{Position: &token.Position{Line: line + 1, Column: column}}
}

// item is the path of an element of a list.
func item(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// cutShort reports whether an item without quotes is less than what its line shows: YAML
// silently takes " #2 for 1s" for a comment.
func (d *decoder) cutShort(t *token.Token, text string) bool {
	if t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType || t.Position.Line > len(d.lines) {
		return false
	}
	line := []rune(d.lines[t.Position.Line-1])
	rest, ok := strings.CutPrefix(string(line[min(t.Position.Column-1, len(line)):]), text)
	return !ok || strings.HasPrefix(strings.TrimLeft(rest, " \t"), "#")
}

func (d *decoder) choices(path string, node ast.Node, to *[]sim.Deviation) {
	texts, at := d.list(path, node)
	*to = nil
	for i, text := range texts {
		choice, err := sim.ParseDeviation(text)
		if err != nil {
			d.problem(at[i], "%s = %s: must be STREAM #ORDINAL = VALUE", item(path, i), input.Shown(text))
			continue
		}
		*to = append(*to, choice)
	}
}

// transactions reads a number, a file or lines: whichever is given replaces
// the others, but within one text only one of them may be given.
func (d *decoder) transactions(path string, key *token.Token, node ast.Node) {
	const oneOf = "must be one of a number, {file: …} and {inline: […]}"
	if members, ok := groupMembers(node); ok && path == "transactions" {
		d.group(path, node)
		if len(members) == 0 {
			d.problem(node.GetToken(), "%s: %s", path, oneOf)
		}
		return
	}
	for _, other := range []string{"transactions", "transactions.file", "transactions.inline"} {
		if at := d.given[other]; at != nil {
			d.problem(key, "%s is given beside %s on line %d: %s", path, other, at.Position.Line, oneOf)
			return
		}
	}
	d.given[path] = node.GetToken()
	t := Transactions{}
	switch path {
	case "transactions":
		text, ok := scalarText(node)
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			found := describeNode(node)
			if ok {
				found = input.Shown(text)
			}
			d.problem(node.GetToken(), "%s = %s: %s", path, found, oneOf)
			break
		}
		d.scalar(path, node, &t.Count, "")
	case "transactions.file":
		if name, ok := scalarText(node); ok && name == "" {
			d.problem(node.GetToken(), `%s = "": must be the name of a file`, path)
		}
		d.scalar(path, node, &t.File, "")
	case "transactions.inline":
		t.Inline, _ = d.list(path, node)
		if t.Inline == nil {
			t.Inline = []string{}
		}
	default:
		d.problem(key, "%s", unknownParameter(path))
	}
	d.to.Transactions, d.to.fileAt = t, position{}
}
