package scenarios
import ("testing";"context";"time";"fmt";"github.com/seed83d86191/txsim/model")
func TestZZ(t *testing.T){
 for range 2 {
 for _,k:=range [][3]string{{"1000","100","300000"}} {
 s:=benchScenario(t,k[2]); s.Set("workers",k[0]); s.Set("workload.keys",k[1])
 job,_:=s.Open(model.Protocols(),nil)
 cfg:=job.Config(1); cfg.History=discard{}
 t0:=time.Now()
 c:=model.NewCluster(cfg)
 t1:=time.Now()
 c.Run(context.Background())
 d:=time.Since(t1)
 var n int; fmt.Sscan(k[2],&n)
 fmt.Println(k, t1.Sub(t0), d/time.Duration(n), c.World.Stats().Events, c.Tally().Resolved)
 }}
}
