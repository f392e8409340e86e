return { marks = {
{ lat = 0.10, long = 0.10, mark = "Map-dot-grey-68a.svg", label = "[[Alton]]" },
{ lat = 0.10, long = 0.30, mark = "Dot_yellow_ff4.svg", label = "Bel Mar (hill)" },
{ lat = 0.20, long = 0.20, mark = "Dot yellow ff4.svg", label = "[[Corin]]" },
{ lat = 0.35, long = 0.35, mark = "Dot yellow ff4.svg", label = "" },
}}
