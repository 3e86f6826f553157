package cmd_test

import (
	"go/ast"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestHouseFiles: the doc of a package with many files lists them, by the words that their
// names begin with; and where it lists files, it lists all of them.
func TestHouseFiles(t *testing.T) {
	files := house(t)
	lists := map[string]map[string]bool{} // by package: the words of its list
	for _, f := range files {
		if path.Base(f.path) != "doc.go" || f.Doc == nil {
			continue
		}
		if _, list, ok := strings.Cut(f.Doc.Text(), "# Files\n"); ok {
			list, _, _ = strings.Cut(list, "\n# ")
			words := map[string]bool{}
			for _, w := range regexp.MustCompile(`[a-z_]+`).FindAllString(list, -1) {
				words[w] = true
			}
			lists[path.Dir(f.path)] = words
		}
	}
	many := map[string]int{}
	for _, f := range files {
		if dir := path.Dir(f.path); !f.test && lists[dir] == nil {
			if many[dir]++; many[dir] == 9 {
				t.Errorf("%s has more than 8 files: list them in its doc.go, below # Files", dir)
			}
		}
	}
	for _, f := range files {
		words, stem := lists[path.Dir(f.path)], strings.TrimSuffix(path.Base(f.path), ".go")
		first, _, _ := strings.Cut(stem, "_")
		if words != nil && !f.test && stem != "doc" && !words[stem] && !words[first] {
			t.Errorf("%s: doc.go lists the files of the package, and not this one", f.path)
		}
	}
}

// TestHouseMaps: the functions that doc.go names where it says who calls whom, and who sends
// what, are there; and each kind of message of the model has a line.
func TestHouseMaps(t *testing.T) {
	known := map[string]bool{} // type, function, Type.method
	docs := map[string]string{}
	for _, f := range house(t) {
		if path.Base(f.path) == "doc.go" {
			docs[path.Dir(f.path)] = f.Doc.Text()
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				name := d.Name.Name
				if d.Recv != nil {
					of, _, _ := strings.Cut(strings.TrimPrefix(types.ExprString(d.Recv.List[0].Type), "*"), "[")
					name = of + "." + name
				}
				known[name] = true
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if of, ok := spec.(*ast.TypeSpec); ok {
						known[of.Name.Name] = true
						if methods, ok := of.Type.(*ast.InterfaceType); ok {
							for _, m := range methods.Methods.List {
								for _, name := range m.Names {
									known[of.Name.Name+"."+name.Name] = true
								}
							}
						}
					}
				}
			}
		}
	}
	_, run, _ := strings.Cut(docs["scenarios"], "# How a run works\n")
	run, _, _ = strings.Cut(run, "\n# ")
	_, messages, _ := strings.Cut(docs["model"], "# Messages\n")
	messages, _, _ = strings.Cut(messages, "\n# ")
	named := regexp.MustCompile(`\b([A-Za-z]+)\.([a-zA-Z]+)\b`).FindAllStringSubmatch(run+messages, -1)
	for _, n := range named {
		inPackage := slices.Contains([]string{"sim", "model", "fault", "cmd"}, n[1]) && known[n[2]]
		if !known[n[0]] && !inPackage {
			t.Errorf("doc.go names %s, and there is no such thing", n[0])
		}
	}
	if len(named) < 40 {
		t.Errorf("%d functions are named: expected 40 or more", len(named))
	}
	for kind := model.KindRequest; kind <= model.KindWound; kind++ {
		if !strings.Contains(messages, "\n\t"+model.KindName(kind)+" ") {
			t.Errorf("model/doc.go does not say who sends %s", model.KindName(kind))
		}
	}
}
