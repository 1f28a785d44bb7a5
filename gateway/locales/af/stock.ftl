### What was saved or undone, and what is on hand. The arguments are explained in en/stock.ftl.

## Saved

added = ✅ { $what } bygevoeg
added-packs = ✅ { $what } bygevoeg
took-back = ✅ { $what } teruggekry
sold = ✅ { $what } verkoop
took-off = ✅ { $what } afgetrek
took-off-because = ✅ { $what } afgetrek ({ $reason })
reason-waste = afval
reason-own-use = eie gebruik
reason-theft = gesteel
reason-gift = weggegee
reason-return = teruggestuur
counted = ✅ { $what } getel (boek sê { $expected }, { $difference })
counted-new = ✅ { $what } getel 🆕
now = Nou { $balance }
left = { $balance } oor
absorbed = Voorraad bly { $balance } omdat jy daarna getel het.
new-item = 🆕 Nuwe item
saved = ✅ { $amount } gestoor: { $lines }
below-zero = nou { $balance }. Iets is nie neergeskryf nie. Wanneer jy kan, stuur "getel 0 { $item }"

## Undone

undone = ↩️ Ontdoen: { $what }. Terug na { $balance }
undone-before = ↩️ Dit is reeds ontdoen. Niks het verander nie.
nothing-to-undo = Niks van jou van vandag om te ontdoen nie.
not-yours-to-undo = ⚠️ Net die een wat dit gestuur het, of die eienaar, kan dit ontdoen.

## Not saved

may-only-look = ⚠️ Nie gestoor nie: jy mag kyk, nie verander nie. Vra die eienaar.
not-enough = ⚠️ Nie gestoor nie: daar is nie soveel in voorraad nie. Tel dit eers: "getel 0 …"
no-such-item = ❓ { $item } is nog nie in jou voorraad nie. Om te begin, stuur "voeg { $amount } { $item } by"
whole-pieces = ❓ { $item } word in heel stukke getel. Hoeveel was dit?

## On hand

on-hand = 📦 { $lines }
on-hand-more = … en nog: vra by naam
not-in-stock = 📦 { $item } is nie in jou voorraad nie. Om te begin, stuur "voeg 20 { $item } by"
nothing-in-stock = 📦 Nog niks in voorraad nie. Begin met "voeg 20 brood by"

## Fixed

fixed = ✅ Reggemaak: { $before } → { $after }
nothing-to-correct = Niks van jou van vandag om reg te maak nie. Stuur dit as 'n nuwe reël, soos "voeg 40 skroewe by"
fixed-before = ↩️ Dit is intussen ontdoen of reggemaak. Niks het verander nie.
cannot-redate = ❓ Ek kan nie die dag van 'n gestoorde reël verander nie. Stuur "ontdoen", dan die reël weer met sy dag. Niks het verander nie.
says-so-already = 👍 Dit sê reeds so. Niks het verander nie.
nothing-to-undo-of = Niks van jou met { $item } om te ontdoen nie. Niks het verander nie.
redone = ↩️ Weer gedoen: { $what }. Nou { $balance }
nothing-to-redo = Niks is vandag ontdoen wat weer gedoen kan word nie.

## Units

unit =
    { $count ->
        [one] { unit.one }
       *[other] { unit.many }
    }
    .one =
        { $unit ->
            [bag] sak
            [bale] baal
            [bar] staaf
            [bottle] bottel
            [box] boks
            [bucket] emmer
            [bunch] bos
            [bundle] bondel
            [can] blikkie
            [carton] karton
            [case] kas
            [crate] krat
            [cylinder] silinder
            [dozen] dosyn
            [drum] drom
            [head] kop
            [jar] fles
            [load] vrag
            [loaf] brood
            [pack] pak
            [packet] pakkie
            [pair] paar
            [pallet] palet
            [pocket] sakkie
            [punnet] bakkie
            [ream] riem
            [roll] rol
            [sachet] sakkie
            [sack] sak
            [set] stel
            [sheet] vel
            [slice] sny
            [stick] stok
            [strip] strook
            [tin] blik
            [ton] ton
            [tray] skinkbord
            [tub] bakkie
           *[other] { $other }
        }
    .many =
        { $unit ->
            [bag] sakke
            [bale] bale
            [bar] stawe
            [bottle] bottels
            [box] bokse
            [bucket] emmers
            [bunch] bosse
            [bundle] bondels
            [can] blikkies
            [carton] kartonne
            [case] kaste
            [crate] kratte
            [cylinder] silinders
            [dozen] dosyn
            [drum] dromme
            [head] koppe
            [jar] flesse
            [load] vragte
            [loaf] brode
            [pack] pakke
            [packet] pakkies
            [pair] pare
            [pallet] palette
            [pocket] sakkies
            [punnet] bakkies
            [ream] rieme
            [roll] rolle
            [sachet] sakkies
            [sack] sakke
            [set] stelle
            [sheet] velle
            [slice] snye
            [stick] stokke
            [strip] stroke
            [tin] blikke
            [ton] ton
            [tray] skinkborde
            [tub] bakkies
           *[other] { $other }
        }
