### A stock-take. The arguments are explained in en/count.ftl.

# REVIEW
count-started = 📋 Re a bala. Romela seo o se bonang, jwaloka "lebese 12". Ere KE QETILE ha o qetile.
# REVIEW
count-resumed = 📋 O ntse o bala: { $amount } ho fihlela jwale. Tswela pele, o re KE QETILE ha o qetile.
# REVIEW
count-written = ✅ { $lines } · ho badilwe { $amount }
# REVIEW
count-all-right = 📋 Ho badilwe { $amount }, tsohle di jwaloka ha buka e re.
# REVIEW
count-differs = 📋 Ho badilwe { $amount }, { $differing } ha di jwaloka ha buka e re:
# REVIEW
count-difference = { $item }: { $counted }, buka { $expected } ({ $difference })
# REVIEW
count-more = le tse ding tse { $amount }
# REVIEW
count-uncounted = Ha di a balwa, di dula di le jwalo: { $items }
# REVIEW
count-really-save = ❓ Ke boloke palo ena?
# REVIEW
button-save-count = E, boloka
# REVIEW
button-go-on = Tswela pele ho bala
# REVIEW
button-throw-away = E lahle
# REVIEW
count-saved = ✅ Palo e bolokilwe: ho badilwe { $amount }, ho fetohile { $changed }
# REVIEW
count-really-cancel = ❓ Ke lahle palo ena? Seo o se badileng se a lahleha, setoko se dula se le jwalo.
# REVIEW
count-cancelled = 🗑️ Palo e lahlilwe. Setoko se dula se le jwalo.
# REVIEW
count-go-on = 📋 Tswela pele. Ere KE QETILE ha o qetile.
# REVIEW
count-nothing-yet = 📋 Ha ho letho le badilweng. Romela seo o se bonang, jwaloka "lebese 12".
# REVIEW
count-missing = 📋 { $amount } ha di eso balwe: { $items }
# REVIEW
count-none-missing = 📋 Tsohle tseo buka e di tsebang di badilwe. Ere KE QETILE ha o qetile.
# REVIEW
count-none = Ha o bale hona jwale. Ho qala, romela "qala ho bala".
# REVIEW
count-skip = 👍 Seo o sa se baleng se dula se le jwalo.
# REVIEW
count-blind = 📋 O ntse o bala, kahoo seo buka e se bolelang se tla qetellong. Ere KE QETILE ha o qetile.
# REVIEW
count-send-again = 📋 O ntse o bala: romela nomoro e nepahetseng, e nka sebaka sa ya kgale. Ho fetola ntho enngwe, ere KE QETILE pele.
# REVIEW
count-expired = ⌛ Palo ya hao e tlohetswe: ha ho motho ya tswetseng pele ka dihora tse 12. Ha ho letho le fetohileng. Ho qala hape, romela "qala ho bala".
# REVIEW
count-over = 📋 Palo eo e fedile. Ho qala hape, romela "qala ho bala".
# REVIEW
count-full = ⚠️ Ha e a ngolwa: e ngata ho feta eo palo e le nngwe e ka e tshwarang. Ere KE QETILE ho boloka tseo o nang le tsona.
