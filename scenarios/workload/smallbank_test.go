package workload_test

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/txfile"
	"github.com/seed83d86191/txsim/scenarios/workload"
)

// smallBankShapes are the operations of each transaction: reads in lower case,
// writes in upper; s and c the accounts of the first customer, t and d of the
// second.
var smallBankShapes = map[string]string{
	"scSCdD": "amalgamate", "sc": "balance", "cC": "deposit-checking",
	"cdCD": "send-payment", "sS": "transact-savings", "scC": "write-check",
}

func smallBankShape(t testing.TB, tx *model.Transaction) (shape string, customers []int) {
	t.Helper()
	for _, op := range tx.Ops {
		c := number(t, op.Key)
		if op.Worker != c%10 {
			t.Fatalf("%+v: customer %d lives on w%d", op, c, c%10)
		}
		at := 0
		for at < len(customers) && customers[at] != c {
			at++
		}
		if at == len(customers) {
			customers = append(customers, c)
		}
		letter := string(op.Key[0]) // savings or checking
		if at == 1 {
			letter = map[string]string{"s": "t", "c": "d"}[letter]
		}
		if op.Kind == model.Write {
			letter = strings.ToUpper(letter)
		}
		shape += letter
	}
	return shape, customers
}

// TestSmallBank holds the six transactions against the published mix, and
// customers against the hot spot.
func TestSmallBank(t *testing.T) {
	const n = 20000
	count, hot, all := map[string]float64{}, 0.0, 0.0
	for _, tx := range generate(t, 6, n, "workload={kind: smallbank, keys: 1000, hot: 1%, heat: 90%}") {
		shape, customers := smallBankShape(t, tx)
		name := smallBankShapes[shape]
		if name == "" {
			t.Fatalf("no transaction of SmallBank: %s", txfile.AppendText(nil, tx))
		}
		count[name]++
		if customers[0] < 100 {
			hot++
		}
		all++
		if len(customers) == 2 && (customers[0] < 100) != (customers[1] < 100) {
			t.Fatalf("customers %v", customers)
		}
	}
	var got, want []float64
	for i, name := range workload.SmallBankNames {
		got = append(got, count[name])
		want = append(want, float64(n*workload.SmallBankWeights[i])/100)
	}
	workload.Fits(t, "mix", got, want)
	workload.Fits(t, "hot spot", []float64{hot, all - hot}, []float64{all * 0.9, all * 0.1})
}

// TestMix sets another mix.
func TestMix(t *testing.T) {
	for _, tx := range generate(t, 6, 500, `workload={kind: smallbank, mix: ["balance 1", "write-check 0"]}`) {
		if shape, _ := smallBankShape(t, tx); shape != "sc" {
			t.Fatalf("%s, want balances only", txfile.AppendText(nil, tx))
		}
	}
	payments := 0.0
	for _, tx := range generate(t, 6, 8000, `workload={kind: tpcc, mix: ["payment 3", "new-order 1"]}`) {
		if strings.HasPrefix(tx.Ops[len(tx.Ops)-1].Key, "history/") {
			payments++
		}
	}
	workload.Fits(t, "payments", []float64{payments, 8000 - payments}, []float64{6000, 2000})
	for set, want := range map[string]string{
		`{kind: smallbank, mix: ["balance"]}`:                               `workload.mix = [balance]: found "balance": must be lines such as "amalgamate 15", the number 0 to 1000000`,
		`{kind: smallbank, mix: ["balance -1"]}`:                            `workload.mix = ["balance -1"]: found "balance -1": must be lines such as "amalgamate 15", the number 0 to 1000000`,
		`{kind: smallbank, mix: ["balnce 1"]}`:                              `workload.mix = ["balnce 1"]: found "balnce": ` + input.MustBeOneOf("balnce", workload.SmallBankNames),
		`{kind: smallbank, mix: ["balance 1", "balance 2"]}`:                `workload.mix = ["balance 1", "balance 2"]: found balance twice: must be there once`,
		`{kind: smallbank, mix: ["balance 0"]}`:                             `workload.mix = ["balance 0"]: must have a number above 0`,
		`{kind: zipf, mix: ["balance 1"]}`:                                  `workload.mix = ["balance 1"]: must be [] for zipf, which has one kind of transaction`,
		`{kind: smallbank, distribution: latest}`:                           `workload.distribution = latest: must be default, uniform, zipf, scrambled or hotspot for smallbank`,
		`{kind: bank, distribution: zipf}`:                                  `workload.distribution = zipf: must be default for bank`,
		`{kind: ycsb, distribution: ziph}`:                                  `workload.distribution = ziph: must be default, uniform, zipf, scrambled, latest or hotspot; did you mean zipf?`,
		`{kind: ycsb, reads: 0.9, updates: 5%, inserts: 10%}`:               `workload.inserts = 0.1: must be at most 1 together with workload.reads, deletes, updates`,
		`{kind: ycsb, reads: 0.9, scans: 5%, scan: 10000, operations: 101}`: `workload.scan = 10000: must be at most 9900 for 101 operations, 1000000 keys in all`,
	} {
		s := scenarios.Default()
		if err := s.Set("workload", set); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", set, err, want)
		}
	}
}
