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
low-line = { $item } { $balance } (isixwayiso ku-{ $level })
# REVIEW
nothing-low = 👍 Akukho okuphelayo. Ukuze uxwayiswe, thumela "ngixwayise uma isinkwa singaphansi kuka 5"
# REVIEW
nothing-finished = 👍 Akukho okuphelile.
# REVIEW
low-now = ⚠️ { $item } kusele { $balance } (ucele isixwayiso ku-{ $level })
# REVIEW
level-set = ✅ Ngizokuxwayisa uma { $item } sekusele { $level }
# REVIEW
level-off = ✅ Azisekho izixwayiso nge-{ $item }
# REVIEW
which-level = ❓ Ngixwayise uma sekusele { $item } ezingaki? Thumela kanje: "ngixwayise uma { $item } ingaphansi kuka 5"

## Names

# REVIEW
renamed =
    ✅ { $was } manje kubizwa ngokuthi { $item }
    Igama elidala lisasebenza.
# REVIEW
aliased = ✅ Kubhaliwe: "{ $alias }" kusho { $item }
# REVIEW
name-taken = ⚠️ Akulondolozwanga: enye into isivele ibizwa ngokuthi { $item }.
# REVIEW
really-archive = ❓ Ngisuse { $item } ohlwini lwakho? Incwadi ithi kukhona { $balance }.
# REVIEW
archived =
    ✅ { $item } kususiwe ohlwini lwakho
    Okwenzekile ngakho kuhlala kubhaliwe.
# REVIEW
really-merge = ❓ Ngenze { $was } no-{ $item } kube into eyodwa? Kusala { $item }, kukonke { $balance }.
# REVIEW
merged =
    ✅ { $was } no-{ $item } sekuyinto eyodwa: { $item }
    Womabili amagama ayasebenza.
# REVIEW
same-item = 👍 Womabili amagama asevele asho { $item }.
# REVIEW
units-differ = ⚠️ Akulondolozwanga: { $was } no-{ $item } kubalwa ngezilinganiso ezingafani. Qala ubale okukodwa ngesilinganiso sokunye.
# REVIEW
managers-only = ⚠️ Akulondolozwanga: umnikazi noma umphathi kuphela ongenza lokho.

## What happened to an item

# REVIEW
history =
    📦 { $item } { $balance }
    { $lines }
# REVIEW
history-none = Akukho okubhaliwe okwamanje.
# REVIEW
history-older = … nokudala
# REVIEW
kind-receipt = kungenile
# REVIEW
kind-sale = kuthengisiwe
# REVIEW
kind-return-in = kubuyile
# REVIEW
kind-opening = isitoko sokuqala
# REVIEW
kind-count = kubaliwe
# REVIEW
kind-transfer = kuthuthiwe
# REVIEW
kind-reversal = kuhlehlisiwe
# REVIEW
kind-adjustment = kushintshiwe
