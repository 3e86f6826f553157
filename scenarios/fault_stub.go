package scenarios

import "github.com/seed83d86191/txsim/model"

type Plan []string
type Injection struct{}
type Strikes struct{}

func ParsePlan(l []string) (Plan, error) { return l, nil }
func (Plan) Validate(int, int) error     { return nil }
func (Plan) Install(*model.Cluster, uint64, func(string) (uint64, bool)) *Injection {
	return &Injection{}
}
func (*Injection) Fired() []string   { return nil }
func (*Injection) Counts() []Strikes { return nil }
