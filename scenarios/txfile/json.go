package txfile

import "github.com/seed83d86191/txsim/scenarios/input"

// jsonParser parses a line of JSON Lines.
type jsonParser struct {
	input.JSON
	workers int
}

func (p *jsonParser) parse(line []byte, tx *rawTx) *input.Problem {
	p.Reset(line)
	var at []byte
	hasOps := false
	bad := p.Object(func(name []byte, column int) (bad *input.Problem) {
		switch string(name) {
		case "id":
			return p.Field(&tx.id, name, column)
		case "at":
			if bad := p.Field(&at, name, column); bad != nil {
				return bad
			}
			tx.at, bad = parseAt(at)
			return bad
		case "ops":
			if hasOps {
				return input.Problemf(column, `duplicate field "ops": expected it once`)
			}
			hasOps = true
			return p.Array(func(int) *input.Problem { return parseOp(&p.JSON, tx, p.workers) })
		}
		return input.Problemf(column, "unknown field %s: expected id, at or ops", input.Excerpt(name))
	})
	if bad != nil {
		return bad
	}
	if bad := p.End(); bad != nil {
		return bad
	}
	return tx.finish()
}

// parseOp parses an operation, in the short form or the verbose one.
func parseOp(p *input.JSON, tx *rawTx, workers int) *input.Problem {
	c := p.Peek()
	f := opFields{column: p.Column()}
	var bad *input.Problem
	switch c {
	case '[':
		short := [...]*[]byte{&f.op, &f.worker, &f.key, &f.value}
		bad = p.Array(func(i int) (bad *input.Problem) {
			if i == len(short) {
				return p.Unexpected(`"]" after at most 4 strings: operation, worker, key, value`)
			}
			*short[i], bad = p.Bytes()
			return bad
		})
	case '{':
		bad = p.Object(func(name []byte, column int) *input.Problem {
			switch string(name) {
			case "op":
				return p.Field(&f.op, name, column)
			case "worker":
				return p.Field(&f.worker, name, column)
			case "key":
				return p.Field(&f.key, name, column)
			case "value":
				return p.Field(&f.value, name, column)
			}
			return input.Problemf(column, "unknown field %s: expected op, worker, key or value", input.Excerpt(name))
		})
	default:
		return p.Unexpected(`an operation such as ["r","w0","key"]`)
	}
	if bad != nil {
		return bad
	}
	return f.resolve(tx, workers)
}
