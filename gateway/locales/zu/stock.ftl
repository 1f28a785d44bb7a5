### What was saved or undone, and what is on hand. The arguments are explained in en/stock.ftl.

## Saved

# REVIEW
added = ✅ Kungezwe { $what } esitokweni
# REVIEW
added-packs = ✅ Kungezwe { $what }
# REVIEW
took-back = ✅ Kubuyiselwe esitokweni { $what }
# REVIEW
sold = ✅ Kuthengisiwe { $what }
# REVIEW
took-off = ✅ Kukhishiwe { $what }
# REVIEW
took-off-because = ✅ Kukhishiwe { $what } ({ $reason })
# REVIEW
reason-waste = konakele
# REVIEW
reason-own-use = kusetshenziswe ekhaya
# REVIEW
reason-theft = kwebiwe
# REVIEW
reason-gift = kuphiwe abanye
# REVIEW
reason-return = kubuyiselwe emuva
# REVIEW
counted = ✅ Kubaliwe { $what } (incwadi ibithi { $expected }, { $difference })
# REVIEW
counted-new = ✅ Kubaliwe { $what } 🆕
# REVIEW
now = Manje { $balance }
# REVIEW
left = Kusele { $balance }
# REVIEW
absorbed = Isitoko sihlala singu-{ $balance } ngoba ubale emva kwalokho.
# REVIEW
new-item = 🆕 Kusha
# REVIEW
saved = ✅ Kulondolozwe { $amount }: { $lines }
# REVIEW
below-zero = manje { $balance }. Kukhona okungabhalwanga. Uma unesikhathi, thumela "ngibale 0 { $item }"

## Undone

# REVIEW
undone = ↩️ Kuhlehlisiwe: { $what }. Sekubuyele ku-{ $balance }
# REVIEW
undone-before = ↩️ Lokho kwase kuhlehlisiwe. Akukho okushintshile.
# REVIEW
nothing-to-undo = Akukho okwakho kwanamuhla okungahlehliswa.
# REVIEW
not-yours-to-undo = ⚠️ Okuthumele, noma umnikazi, kuphela ongakuhlehlisa lokho.

## Not saved

# REVIEW
may-only-look = ⚠️ Akulondolozwanga: ungabuka, awukwazi ukushintsha. Cela umnikazi.
# REVIEW
not-enough = ⚠️ Akulondolozwanga: asikho isitoko esingaka. Sibale: "ngibale 0 …"
# REVIEW
no-such-item = ❓ { $item } akukabi khona esitokweni sakho. Ukuze uqale, thumela "engeza { $amount } { $item }"
# REVIEW
whole-pieces = ❓ { $item } kubalwa ngakunye okuphelele. Bekungaki?

## On hand

# REVIEW
on-hand = 📦 { $lines }
# REVIEW
on-hand-more = … nokunye: buza ngegama
# REVIEW
not-in-stock = 📦 { $item } akukho esitokweni sakho. Ukuze uqale, thumela "engeza 20 { $item }"
# REVIEW
nothing-in-stock = 📦 Asikho isitoko okwamanje. Qala ngo-"engeza 20 isinkwa"

## Fixed

# REVIEW
fixed = ✅ Kulungisiwe: { $before } → { $after }
# REVIEW
nothing-to-correct = Akukho okwakho kwanamuhla okungalungiswa. Kuthumele njengomugqa omusha, kanje: "engeza 40 izikulufu"
# REVIEW
fixed-before = ↩️ Lokho sekuhlehlisiwe noma sekulungisiwe. Akukho okushintshile.
# REVIEW
cannot-redate = ❓ Angikwazi ukushintsha usuku lomugqa osulondoloziwe. Thumela "hlehlisa", bese uthumela umugqa futhi nosuku lwawo. Akukho okushintshile.
# REVIEW
says-so-already = 👍 Sekusho njalo. Akukho okushintshile.
# REVIEW
nothing-to-undo-of = Akukho okwakho okuno-{ $item } okungahlehliswa. Akukho okushintshile.
# REVIEW
redone = ↩️ Kwenziwe futhi: { $what }. Manje { $balance }
# REVIEW
nothing-to-redo = Akukho okuhlehlisiwe namuhla okungenziwa futhi.

## Units

# REVIEW
unit =
    { $count ->
        [one] { unit.one }
       *[other] { unit.many }
    }
    .one =
        { $unit ->
            [bag] isaka
            [bottle] ibhodlela
            [box] ibhokisi
            [case] ikesi
            [crate] ikrathi
            [dozen] idazini
            [pack] iphakethe
            [packet] iphakethe
            [sack] isaka
           *[other] { $other }
        }
    .many =
        { $unit ->
            [bag] amasaka
            [bottle] amabhodlela
            [box] amabhokisi
            [case] amakesi
            [crate] amakrathi
            [dozen] amadazini
            [pack] amaphakethe
            [packet] amaphakethe
            [sack] amasaka
           *[other] { $other }
        }
