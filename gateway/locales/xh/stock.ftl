### What was saved or undone, and what is on hand. The arguments are explained in en/stock.ftl.

## Saved

# REVIEW
added = ✅ Kongezwe { $what } kwisitokhwe
# REVIEW
added-packs = ✅ Kongezwe { $what }
# REVIEW
took-back = ✅ Kubuyiselwe kwisitokhwe { $what }
# REVIEW
sold = ✅ Kuthengisiwe { $what }
# REVIEW
took-off = ✅ Kukhutshiwe { $what }
# REVIEW
took-off-because = ✅ Kukhutshiwe { $what } ({ $reason })
# REVIEW
reason-waste = konakele
# REVIEW
reason-own-use = kusetyenziswe ekhaya
# REVIEW
reason-theft = kubiwe
# REVIEW
reason-gift = kuphiwe abanye
# REVIEW
reason-return = kubuyiselwe umva
# REVIEW
counted = ✅ Kubaliwe { $what } (incwadi ibisithi { $expected }, { $difference })
# REVIEW
counted-new = ✅ Kubaliwe { $what } 🆕
# REVIEW
now = Ngoku { $balance }
# REVIEW
left = Kushiyeke { $balance }
# REVIEW
absorbed = Isitokhwe sihlala si-{ $balance } kuba ubale emva koko.
# REVIEW
new-item = 🆕 Into entsha
# REVIEW
saved = ✅ Kugcinwe { $amount }: { $lines }
# REVIEW
below-zero = ngoku { $balance }. Kukho into engabhalwanga. Xa unexesha, thumela "ndibale 0 { $item }"

## Undone

# REVIEW
undone = ↩️ Kurhoxisiwe: { $what }. Kubuyele ku-{ $balance }
# REVIEW
undone-before = ↩️ Oko sele kurhoxisiwe ngaphambili. Akukho nto itshintshileyo.
# REVIEW
nothing-to-undo = Akukho nto yakho yanamhlanje inokurhoxiswa.
# REVIEW
not-yours-to-undo = ⚠️ Nguthumeli, okanye umnini, kuphela onokukurhoxisa oko.

## Not saved

# REVIEW
may-only-look = ⚠️ Akugcinwanga: ungajonga, awunakho ukutshintsha. Cela umnini.
# REVIEW
not-enough = ⚠️ Akugcinwanga: asikho isitokhwe esingako. Sibale: "ndibale 0 …"
# REVIEW
no-such-item = ❓ { $item } akukabikho kwisitokhwe sakho. Ukuqala, thumela "faka { $amount } { $item }"
# REVIEW
whole-pieces = ❓ { $item } kubalwa ngakunye okupheleleyo. Bekungaphi?

## On hand

# REVIEW
on-hand = 📦 { $lines }
# REVIEW
on-hand-more = … nokunye: buza ngegama
# REVIEW
not-in-stock = 📦 { $item } akukho kwisitokhwe sakho. Ukuqala, thumela "faka 20 { $item }"
# REVIEW
nothing-in-stock = 📦 Asikho isitokhwe okwangoku. Qala ngo-"faka 20 isonka"

## Fixed

# REVIEW
fixed = ✅ Kulungisiwe: { $before } → { $after }
# REVIEW
nothing-to-correct = Akukho nto yakho yanamhlanje inokulungiswa. Yithumele njengomgca omtsha, ngolu hlobo: "faka 40 izikrufu"
# REVIEW
fixed-before = ↩️ Oko sele kurhoxisiwe okanye kulungisiwe. Akukho nto itshintshileyo.
# REVIEW
cannot-redate = ❓ Andikwazi ukutshintsha umhla womgca ogciniweyo. Thumela "rhoxisa", uze uthumele umgca kwakhona nomhla wawo. Akukho nto itshintshileyo.
# REVIEW
says-so-already = 👍 Sele kutsho njalo. Akukho nto itshintshileyo.
# REVIEW
nothing-to-undo-of = Akukho nto yakho ine-{ $item } inokurhoxiswa. Akukho nto itshintshileyo.
# REVIEW
redone = ↩️ Kwenziwe kwakhona: { $what }. Ngoku { $balance }
# REVIEW
nothing-to-redo = Akukho nto irhoxisiweyo namhlanje inokwenziwa kwakhona.

## Units

# REVIEW
unit =
    { $count ->
        [one] { unit.one }
       *[other] { unit.many }
    }
    .one =
        { $unit ->
            [bag] ingxowa
            [bottle] ibhotile
            [box] ibhokisi
            [case] ikesi
            [crate] ikreyiti
            [dozen] idazini
            [pack] ipakethe
            [packet] ipakethe
            [sack] ingxowa
           *[other] { $other }
        }
    .many =
        { $unit ->
            [bag] iingxowa
            [bottle] iibhotile
            [box] iibhokisi
            [case] iikesi
            [crate] iikreyiti
            [dozen] iidazini
            [pack] iipakethe
            [packet] iipakethe
            [sack] iingxowa
           *[other] { $other }
        }
