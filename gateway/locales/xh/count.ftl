### A stock-take. The arguments are explained in en/count.ftl.

# REVIEW
count-started = 📋 Siyabala. Thumela okubonayo, njengokuthi "ubisi 12". Yithi NDIGQIBILE xa ugqibile.
# REVIEW
count-resumed = 📋 Uyabala: { $amount } kude kube ngoku. Qhubeka, uthi NDIGQIBILE xa ugqibile.
# REVIEW
count-written = ✅ { $lines } · kubaliwe { $amount }
# REVIEW
count-all-right = 📋 Kubaliwe { $amount }, konke kunjengoko incwadi isitsho.
# REVIEW
count-differs = 📋 Kubaliwe { $amount }, { $differing } akunjengoko incwadi isitsho:
# REVIEW
count-difference = { $item }: { $counted }, incwadi { $expected } ({ $difference })
# REVIEW
count-more = nokunye { $amount }
# REVIEW
count-uncounted = Akubalwanga, ngoko kuhlala kunjalo: { $items }
# REVIEW
count-really-save = ❓ Ndilugcine olu balo?
# REVIEW
button-save-count = Ewe, gcina
# REVIEW
button-go-on = Qhubeka ubale
# REVIEW
button-throw-away = Lulahle
# REVIEW
count-saved = ✅ Ubalo lugciniwe: kubaliwe { $amount }, kutshintshe { $changed }
# REVIEW
count-really-cancel = ❓ Ndilulahle olu balo? Okubalileyo kuyalahleka, isitokhwe sihlala sinjalo.
# REVIEW
count-cancelled = 🗑️ Ubalo lulahliwe. Isitokhwe sihlala sinjalo.
# REVIEW
count-go-on = 📋 Qhubeka. Yithi NDIGQIBILE xa ugqibile.
# REVIEW
count-nothing-yet = 📋 Akukabalwa nto. Thumela okubonayo, njengokuthi "ubisi 12".
# REVIEW
count-missing = 📋 { $amount } akukabalwa: { $items }
# REVIEW
count-none-missing = 📋 Konke incwadi ekwaziyo kubaliwe. Yithi NDIGQIBILE xa ugqibile.
# REVIEW
count-none = Awubali ngoku. Ukuze uqale, thumela "qala ukubala".
# REVIEW
count-skip = 👍 Ongakubaliyo kuhlala kunjalo.
# REVIEW
count-blind = 📋 Uyabala, ngoko okutshiwo yincwadi kuza ekugqibeleni. Yithi NDIGQIBILE xa ugqibile.
# REVIEW
count-send-again = 📋 Uyabala: thumela inani elilungileyo lithathe indawo yelidala. Ukuze utshintshe okunye, yithi NDIGQIBILE kuqala.
# REVIEW
count-expired = ⌛ Ubalo lwakho luyekiwe: akukho mntu uqhubekileyo iiyure ezili-12. Akukho nto itshintshileyo. Ukuze uqale kwakhona, thumela "qala ukubala".
# REVIEW
count-over = 📋 Olo balo luphelile. Ukuze uqale kwakhona, thumela "qala ukubala".
# REVIEW
count-full = ⚠️ Akubhalwanga: kuninzi kunoko ubalo olunye lunokukuphatha. Yithi NDIGQIBILE ukuze ugcine onako.
