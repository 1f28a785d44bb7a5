### What was saved or undone, and what is on hand. The arguments are explained in en/stock.ftl.

## Saved

# REVIEW
added = ✅ Ho kentswe { $what } setokong
# REVIEW
added-packs = ✅ Ho kentswe { $what }
# REVIEW
took-back = ✅ Ho kgutletse { $what }
# REVIEW
sold = ✅ Ho rekisitswe { $what }
# REVIEW
took-off = ✅ Ho tlositswe { $what }
# REVIEW
took-off-because = ✅ Ho tlositswe { $what } ({ $reason })
# REVIEW
reason-waste = di senyehile
# REVIEW
reason-own-use = di sebedisitswe hae
# REVIEW
reason-theft = di utsuwe
# REVIEW
reason-gift = di fanwe
# REVIEW
reason-return = di kgutliseditswe
# REVIEW
counted = ✅ Ho badilwe { $what } (buka e ne e re { $expected }, { $difference })
# REVIEW
counted-new = ✅ Ho badilwe { $what } 🆕
# REVIEW
now = Jwale { $balance }
# REVIEW
left = Ho setse { $balance }
# REVIEW
absorbed = Setoko se dula e le { $balance } hobane o badile ka mora moo.
# REVIEW
new-item = 🆕 Ntho e ntjha
# REVIEW
saved = ✅ Ho bolokilwe { $amount }: { $lines }
# REVIEW
below-zero = jwale { $balance }. Ho na le se sa ngolwang. Ha o na le nako, romela "badile 0 { $item }"

## Undone

# REVIEW
undone = ↩️ Ho etsolotswe: { $what }. Ho kgutletse ho { $balance }
# REVIEW
undone-before = ↩️ Seo se se se etsolotswe. Ha ho letho le fetohileng.
# REVIEW
nothing-to-undo = Ha ho letho la hao la kajeno le ka etsollwang.
# REVIEW
not-yours-to-undo = ⚠️ Ke ya se rometseng, kapa mong, feela ya ka etsollang seo.

## Not saved

# REVIEW
may-only-look = ⚠️ Ha ho a bolokwa: o ka sheba, o ke ke wa fetola. Kopa mong.
# REVIEW
not-enough = ⚠️ Ha ho a bolokwa: ha ho setoko se kaalo. Se bale: "badile 0 …"
# REVIEW
no-such-item = ❓ { $item } ha e eso be teng setokong sa hao. Ho qala, romela "eketsa { $amount } { $item }"
# REVIEW
whole-pieces = ❓ { $item } e balwa ka bonngwe bo feletseng. E ne e le e kae?

## On hand

# REVIEW
on-hand = 📦 { $lines }
# REVIEW
on-hand-more = … le tse ding: botsa ka lebitso
# REVIEW
not-in-stock = 📦 { $item } ha e yo setokong sa hao. Ho qala, romela "eketsa 20 { $item }"
# REVIEW
nothing-in-stock = 📦 Ha ho setoko ha jwale. Qala ka "eketsa 20 bohobe"

## Fixed

# REVIEW
fixed = ✅ Ho lokisitswe: { $before } → { $after }
# REVIEW
nothing-to-correct = Ha ho letho la hao la kajeno le ka lokiswang. Se romele e le mola o motjha, tjena: "eketsa 40 sekurufu"
# REVIEW
fixed-before = ↩️ Seo se se se etsolotswe kapa se lokisitswe. Ha ho letho le fetohileng.
# REVIEW
cannot-redate = ❓ Ha ke kgone ho fetola letsatsi la mola o bolokilweng. Romela "etsolla", o nto romela mola hape le letsatsi la ona. Ha ho letho le fetohileng.
# REVIEW
says-so-already = 👍 Se se se re jwalo. Ha ho letho le fetohileng.
# REVIEW
nothing-to-undo-of = Ha ho letho la hao le nang le { $item } le ka etsollwang. Ha ho letho le fetohileng.
# REVIEW
redone = ↩️ Ho entswe hape: { $what }. Jwale { $balance }
# REVIEW
nothing-to-redo = Ha ho letho le etsolotsweng kajeno le ka etswang hape.

## Units

# REVIEW
unit =
    { $count ->
        [one] { unit.one }
       *[other] { unit.many }
    }
    .one =
        { $unit ->
            [bag] mokotla
            [bottle] botlolo
            [box] lebokose
            [case] kheisi
            [crate] kereiti
            [pack] pakete
            [packet] pakete
            [sack] mokotla
           *[other] { $other }
        }
    .many =
        { $unit ->
            [bag] mekotla
            [bottle] dibotlolo
            [box] mabokose
            [case] dikheisi
            [crate] dikereiti
            [pack] dipakete
            [packet] dipakete
            [sack] mekotla
           *[other] { $other }
        }
