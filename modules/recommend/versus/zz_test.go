package versus
import ("testing";"fmt")
func TestZZ(t *testing.T){
 for _, s := range sets(t) { runs:=map[string]int{}; txt,cast,reg,comp,ser:=0,0,0,0,0
  for _,it := range s.items { runs[it.Production]++; if len(it.Synopsis)>50 {txt++}; if len(it.Cast)>0 {cast++}; if it.region!="" {reg++}; if it.company!="" {comp++}; if it.series!=""{ser++} }
  q:=0; for _,it := range s.items { if runs[it.Production]>1 {q++} }
  g:=map[string]int{}; for _,it := range s.items { g[it.Genre]++ }
  fmt.Println(s.name,len(s.items),"text",txt,"cast",cast,"region",reg,"company",comp,"series",ser,"queries",q, g)
 }}
