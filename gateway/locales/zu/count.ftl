### A stock-take. The arguments are explained in en/count.ftl.

# REVIEW
count-started = 📋 Siyabala. Thumela okubonayo, njengokuthi "ubisi 12". Yithi NGIQEDILE uma usuqedile.
# REVIEW
count-resumed = 📋 Uyabala: { $amount } kuze kube manje. Qhubeka, uthi NGIQEDILE uma usuqedile.
# REVIEW
count-written = ✅ { $lines } · kubaliwe { $amount }
# REVIEW
count-all-right = 📋 Kubaliwe { $amount }, konke kunjengoba incwadi isho.
# REVIEW
count-differs = 📋 Kubaliwe { $amount }, { $differing } akunjengoba incwadi isho:
# REVIEW
count-difference = { $item }: { $counted }, incwadi { $expected } ({ $difference })
# REVIEW
count-more = nokunye { $amount }
# REVIEW
count-uncounted = Akubaliwe, ngakho kuhlala kunjalo: { $items }
# REVIEW
count-really-save = ❓ Ngilondoloze lokhu kubala?
# REVIEW
button-save-count = Yebo, londoloza
# REVIEW
button-go-on = Qhubeka ubale
# REVIEW
button-throw-away = Kulahle
# REVIEW
count-saved = ✅ Ukubala kulondoloziwe: kubaliwe { $amount }, kushintshe { $changed }
# REVIEW
count-really-cancel = ❓ Ngikulahle lokhu kubala? Okubalile kuyalahleka, isitoko sihlala sinjalo.
# REVIEW
count-cancelled = 🗑️ Ukubala kulahliwe. Isitoko sihlala sinjalo.
# REVIEW
count-go-on = 📋 Qhubeka. Yithi NGIQEDILE uma usuqedile.
# REVIEW
count-nothing-yet = 📋 Akukabalwa lutho. Thumela okubonayo, njengokuthi "ubisi 12".
# REVIEW
count-missing = 📋 { $amount } akukabalwa: { $items }
# REVIEW
count-none-missing = 📋 Konke incwadi ekwaziyo kubaliwe. Yithi NGIQEDILE uma usuqedile.
# REVIEW
count-none = Awubali manje. Ukuze uqale, thumela "qala ukubala".
# REVIEW
count-skip = 👍 Ongakubali kuhlala kunjalo.
# REVIEW
count-blind = 📋 Uyabala, ngakho okushiwo yincwadi kuza ekugcineni. Yithi NGIQEDILE uma usuqedile.
# REVIEW
count-send-again = 📋 Uyabala: thumela inombolo elungile ithathe indawo yendala. Ukuze ushintshe okunye, yithi NGIQEDILE kuqala.
# REVIEW
count-expired = ⌛ Ukubala kwakho kuyekiwe: akekho oqhubekile amahora angu-12. Akukho okushintshile. Ukuze uqale futhi, thumela "qala ukubala".
# REVIEW
count-over = 📋 Lokho kubala sekuphelile. Ukuze uqale futhi, thumela "qala ukubala".
# REVIEW
count-full = ⚠️ Akubhalwanga: kuningi kunalokho ukubala okukodwa okungakuphatha. Yithi NGIQEDILE ukuze ulondoloze onakho.
