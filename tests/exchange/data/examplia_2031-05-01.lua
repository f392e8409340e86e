-- An invented map.
return {
marks = {
{ lat = 0.10, long = 0.10, mark = m.gov, marksize = 6, label = "[[Alton]]", label_size = 0 },
{lat= 0.10, long= 0.30, mark= m.opp_hill, marksize=4, label= "[[Belmar|Bel&nbsp;Mar]] <small>(hill)</small>"},
{ lat = "0.20", long = "0.20", mark = m.opp, label = "[[Corin]]" },
{ lat = 0.30, long = 300000., mark = m.opp, label = "[[Slip]]" },
{ lat = 0.25, long = 0.25, mark = m.pass_N, label = "Crossing" },
{ lat = 0.26, long = 0.26, mark = m.stable_gov_opp, label = "Shared" },
--{ lat = 0.28, long = 0.28, mark = m.gov, label = "[[Gone]]" },
{ lat = 0.20, long = 0.20, mark = m.opp, label = "[[Corin]]" }, -- INTENTIONALLY OUT OF ORDER
}}
