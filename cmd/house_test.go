package cmd_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The house rules: each violation is reported with file, line and what to do
// instead.

const module = "github.com/seed83d86191/txsim"

// floors are the packages from the bottom up; each may import those below it,
// sub-packages included.
var floors = []string{"sim", "model", "analysis", "scenarios", "cmd"}

// rooms are the packages of the floor scenarios from the bottom up; each may import those
// before it, but tests may import all.
var rooms = []string{
	"scenarios/input", "scenarios/input/inputtest", "scenarios/quantity", "scenarios/parallel", "scenarios/coverage",
	"scenarios/txfile", "scenarios/ycsb", "scenarios/history", "scenarios/workload", "scenarios/fault",
	"scenarios", "scenarios/mutant",
}

// topLevel is all that may lie at the top, besides dot-files and what
// .gitignore names.
var topLevel = []string{"sim", "model", "analysis", "scenarios", "cmd", "go.mod", "go.sum", "README.md"}

const (
	maxFileLines = 400
	maxFuncLines = 60
)

// file is a parsed source file.
type file struct {
	*ast.File
	path  string // from the top, with slashes
	floor string // of floors
	test  bool
	set   *token.FileSet
	lines []string
}

// house is the source of all packages.
func house(t *testing.T) []*file {
	t.Helper()
	var files []*file
	set := token.NewFileSet()
	for _, floor := range floors {
		err := filepath.WalkDir(filepath.Join("..", floor), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			f := &file{set: set, floor: floor, test: strings.HasSuffix(path, "_test.go"), lines: strings.Split(string(text), "\n")}
			f.path = strings.TrimPrefix(filepath.ToSlash(path), "../")
			f.File, err = parser.ParseFile(f.set, path, text, parser.ParseComments|parser.SkipObjectResolution)
			files = append(files, f)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// at is file:line of a node.
func (f *file) at(n ast.Node) string { return fmt.Sprintf("%s:%d", f.path, f.line(n.Pos())) }

func (f *file) line(p token.Pos) int { return f.set.Position(p).Line }

// imported maps the names under which f imports packages to their paths.
func (f *file) imported() map[string]string {
	names := map[string]string{}
	for _, i := range f.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		name := path[strings.LastIndexByte(path, '/')+1:]
		if name == "v2" {
			name = filepath.Base(filepath.Dir(path))
		}
		if i.Name != nil {
			name = i.Name.Name
		}
		names[name] = path
	}
	return names
}

// TestHouseMap: the map in README.md has every package.
func TestHouseMap(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range house(t) {
		if pkg := path.Dir(f.path); path.Base(f.path) == "doc.go" && !strings.HasSuffix(pkg, "test") && !strings.Contains(string(readme), "\n| `"+pkg+"` | ") {
			t.Errorf("%s: README.md, Find your way: no line for %s", f.path, pkg)
		}
	}
}

func TestHouseImports(t *testing.T) {
	for _, f := range house(t) {
		for _, i := range f.Imports {
			full, _ := strconv.Unquote(i.Path.Value)
			inside, ours := strings.CutPrefix(full, module+"/")
			floor, _, _ := strings.Cut(inside, "/")
			first, _, _ := strings.Cut(full, "/")
			switch {
			case ours && slices.Index(floors, floor) > slices.Index(floors, f.floor):
				t.Errorf("%s: %s imports %s: imports go down only, %s; pass in what it needs", f.at(i), f.floor, floor, strings.Join(floors, " < "))
			case f.floor == "scenarios" && floor == f.floor && !f.test && slices.Index(rooms, inside) >= slices.Index(rooms, path.Dir(f.path)):
				t.Errorf("%s: %s imports %s: imports go down only, %s; pass in what it needs", f.at(i), path.Dir(f.path), inside, strings.Join(rooms, " < "))
			case strings.HasSuffix(full, "test") && ours && !f.test:
				t.Errorf("%s: %s is for tests only", f.at(i), inside)
			case f.floor == "sim" && !f.test && !ours && strings.Contains(first, "."):
				t.Errorf("%s: sim imports %s: use the standard library, or move this up", f.at(i), full)
			}
		}
	}
}

// banned are calls that would let the outside into a run, by import path, and
// what to use instead. An empty name is any use of the package.
var banned = map[string][]struct{ names, instead string }{
	"time": {{"Now Since Until Sleep After AfterFunc Tick NewTimer NewTicker", "virtual time: Env.Now and Env.SetTimer"}},
	"math": {{"Exp Exp2 Expm1 Log Log2 Log10 Log1p Pow Pow10 Cbrt Hypot Gamma Lgamma Erf Erfc Erfinv " +
		"Sin Cos Tan Sincos Asin Acos Atan Atan2 Sinh Cosh Tanh Asinh Acosh Atanh",
		"sim/exactmath.go: the standard library's differ between processors"}},
	"math/rand":    {{"", "math/rand/v2 with a named stream of the seed"}},
	"crypto/rand":  {{"", "a named stream of the seed"}},
	"hash/maphash": {{"", "sim.Hash: maphash differs in each process"}},
	"os": {{"Getenv LookupEnv Environ ExpandEnv", "a parameter of the scenario, or a flag of cmd"},
		{"Stdout Stderr Stdin Exit Args", "a writer or reader that is passed in: cmd alone knows the process"}},
	"fmt": {{"Print Printf Println Scan Scanf Scanln", "a writer that is passed in"}},
	"log": {{"", "an error that is returned"}},
}

// exempt are uses of banned packages that do not show, and why.
var exempt = map[string]string{
	"analysis/history_item.go maphash": "an open-addressing table whose order nothing depends on",
}

// seededOnly are the names of math/rand/v2 that do not use its global source.
var seededOnly = []string{"New", "NewPCG", "NewChaCha8", "Rand", "PCG", "ChaCha8", "Source"}

func TestHouseBannedCalls(t *testing.T) {
	for _, f := range house(t) {
		if f.test || f.floor == "cmd" {
			continue
		}
		names := f.imported()
		ast.Inspect(f.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				if f.floor != "scenarios" {
					t.Errorf("%s: go statement: a run is one goroutine; run several in scenarios", f.at(n))
				}
			case *ast.SelectorExpr:
				x, ok := n.X.(*ast.Ident)
				if !ok || exempt[f.path+" "+x.Name] != "" {
					break
				}
				for _, b := range banned[names[x.Name]] {
					if b.names == "" || slices.Contains(strings.Fields(b.names), n.Sel.Name) {
						t.Errorf("%s: %s.%s: use %s", f.at(n), x.Name, n.Sel.Name, b.instead)
					}
				}
				if names[x.Name] == "math/rand/v2" && !slices.Contains(seededOnly, n.Sel.Name) {
					t.Errorf("%s: %s.%s has a global source: use a named stream of the seed", f.at(n), x.Name, n.Sel.Name)
				}
			}
			return true
		})
	}
}

// anyOrder is the comment, on its line or above, that allows a range over a
// map: it says why the order does not show.
const anyOrder = "any order"

// TestHouseMapOrder looks for ranges over maps, whose order differs from run
// to run. It is allowed to copy, with sorting behind it in the same function,
// and with the comment.
func TestHouseMapOrder(t *testing.T) {
	files := house(t)
	known := newTypeChecker(files)
	for _, f := range files {
		if f.test || f.floor == "cmd" {
			continue
		}
		for _, d := range f.Decls {
			ast.Inspect(d, func(n ast.Node) bool {
				r, ok := n.(*ast.RangeStmt)
				if ok && known.isMap(r.X) && !known.copies(r) && !f.says(anyOrder, f.line(r.Pos())) && !sortedBehind(d, r.End()) {
					t.Errorf("%s: range over the map %s: range over slices.Sorted(maps.Keys(%[2]s)), or sort what comes out, or say %q and why in a comment",
						f.at(r), types.ExprString(r.X), anyOrder)
				}
				return true
			})
		}
	}
}

// typeChecker knows the types of expressions, as far as they are made of this
// module's: it imports nothing else, and ignores the errors that come of it.
type typeChecker struct {
	files    []*file
	packages map[string]*types.Package
	info     types.Info
}

func newTypeChecker(files []*file) *typeChecker {
	c := &typeChecker{files: files, packages: map[string]*types.Package{}, info: types.Info{Types: map[ast.Expr]types.TypeAndValue{}}}
	for _, f := range files {
		_, _ = c.Import(module + "/" + filepath.ToSlash(filepath.Dir(f.path)))
	}
	return c
}

// Import implements types.Importer.
func (c *typeChecker) Import(path string) (*types.Package, error) {
	if p := c.packages[path]; p != nil {
		return p, nil
	}
	var files []*ast.File
	for _, f := range c.files {
		if !f.test && module+"/"+filepath.ToSlash(filepath.Dir(f.path)) == path {
			files = append(files, f.File)
		}
	}
	if files == nil {
		return nil, fmt.Errorf("%s: not of this module", path)
	}
	config := types.Config{Importer: c, Error: func(error) {}}
	c.packages[path], _ = config.Check(path, c.files[0].set, files, &c.info)
	return c.packages[path], nil
}

func (c *typeChecker) isMap(e ast.Expr) bool {
	t := c.info.TypeOf(e)
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}

// says reports whether line, or the comment above it, has text in it.
func (f *file) says(text string, line int) bool {
	here := f.lines[line-1]
	for above := line - 2; above >= 0 && strings.HasPrefix(strings.TrimSpace(f.lines[above]), "//"); above-- {
		here += f.lines[above]
	}
	return strings.Contains(here, text)
}

// copies reports whether the body only sets another map's value for each key.
func (c *typeChecker) copies(r *ast.RangeStmt) bool {
	if len(r.Body.List) != 1 {
		return false
	}
	set, ok := r.Body.List[0].(*ast.AssignStmt)
	if !ok || len(set.Lhs) != 1 {
		return false
	}
	at, ok := set.Lhs[0].(*ast.IndexExpr)
	return ok && c.isMap(at.X) && r.Key != nil && lastName(at.Index) == lastName(r.Key)
}

func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// sortedBehind reports whether d sorts something behind pos.
func sortedBehind(d ast.Decl, pos token.Pos) (found bool) {
	ast.Inspect(d, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Pos() > pos {
			x := lastName(s.X)
			found = found || (x == "slices" || x == "sort") && (strings.HasPrefix(s.Sel.Name, "Sort") || s.Sel.Name == "Strings" || s.Sel.Name == "Slice")
		}
		return !found
	})
	return found
}
