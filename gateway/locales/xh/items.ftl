### Items beside their stock: what runs low, names, what happened to one. The arguments are explained in en/items.ftl.

## Running low

# REVIEW
low =
    { $count ->
        [one] ⚠️ Iyaphela into e-{ $amount }:
       *[other] ⚠️ Ziyaphela izinto ezi-{ $amount }:
    }
    { $lines }
# REVIEW
finished =
    { $count ->
        [one] ⚠️ Iphelile into e-{ $amount }:
       *[other] ⚠️ Ziphelile izinto ezi-{ $amount }:
    }
    { $lines }
# REVIEW
low-line = { $item } { $balance } (isilumkiso ku-{ $level })
# REVIEW
nothing-low = 👍 Akukho nto iphelayo. Ukuze ulunyukiswe, thumela "warn me when isonka is under 5"
# REVIEW
nothing-finished = 👍 Akukho nto iphelileyo.
# REVIEW
low-now = ⚠️ { $item } kushiyeke { $balance } (ucele isilumkiso ku-{ $level })
# REVIEW
level-set = ✅ Ndiza kukulumkisa xa { $item } sele kushiyeke { $level }
# REVIEW
level-off = ✅ Azisekho izilumkiso nge-{ $item }
# REVIEW
which-level = ❓ Ndikulumkise xa kushiyeke { $item } ezingaphi? Thumela ngolu hlobo: "warn me when { $item } is under 5"

## Names

# REVIEW
renamed =
    ✅ { $was } ngoku kubizwa ngokuba { $item }
    Igama elidala lisasebenza.
# REVIEW
aliased = ✅ Kubhaliwe: "{ $alias }" kuthetha { $item }
# REVIEW
name-taken = ⚠️ Akugcinwanga: enye into sele ibizwa ngokuba { $item }.
# REVIEW
really-archive = ❓ Ndisuse { $item } kuluhlu lwakho? Incwadi ithi kukho { $balance }.
# REVIEW
archived =
    ✅ { $item } kususiwe kuluhlu lwakho
    Okwenzekileyo ngako kuhlala kubhaliwe.
# REVIEW
really-merge = ❓ Ndenze { $was } no-{ $item } ibe yinto enye? Kusala { $item }, zizonke { $balance }.
# REVIEW
merged =
    ✅ { $was } no-{ $item } ngoku yinto enye: { $item }
    Omabini amagama ayasebenza.
# REVIEW
same-item = 👍 Omabini amagama sele ethetha { $item }.
# REVIEW
units-differ = ⚠️ Akugcinwanga: { $was } no-{ $item } zibalwa ngeeyunithi ezahlukeneyo. Qala ubale enye ngeyunithi yenye.
# REVIEW
managers-only = ⚠️ Akugcinwanga: ngumnini okanye umphathi kuphela onokwenza oko.

## What happened to an item

# REVIEW
history =
    📦 { $item } { $balance }
    { $lines }
# REVIEW
history-none = Akukho nto ibhaliweyo okwangoku.
# REVIEW
history-older = … nokudala
# REVIEW
kind-receipt = kungenile
# REVIEW
kind-sale = kuthengisiwe
# REVIEW
kind-return-in = kubuyile
# REVIEW
kind-opening = isitokhwe sokuqala
# REVIEW
kind-count = kubaliwe
# REVIEW
kind-transfer = kususiwe kwasiwa kwenye indawo
# REVIEW
kind-reversal = kurhoxisiwe
# REVIEW
kind-adjustment = kutshintshiwe
