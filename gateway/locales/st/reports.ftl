### What happened in some days, why a number is what it is, and files. The arguments are explained in en/reports.ftl.

## Reports

# REVIEW
report-nothing = 📊 { $days }: ha ho letho le ngotsweng.
# REVIEW
nothing-sold = Ha ho letho le rekisitsweng.
# REVIEW
none-sold = Ha ho { $item } e rekisitsweng.
# REVIEW
ask-history = Ha ke kgone ho bolela hore ke { $item } e kae. Romela "history { $item }"
# REVIEW
first-stock = Setoko sa pele
# REVIEW
was-lost = Tse lahlehileng
# REVIEW
went-back = Tse kgutliseditsweng
# REVIEW
counts-found = Ho bala ho fumane
# REVIEW
report-best = Tse rekisang haholo: { $items }
# REVIEW
report-low = Tse fellang: { $items }
# REVIEW
report-margin =
    { $count ->
        [one] Phaello { $money } moleng o le { $amount }
       *[other] Phaello { $money } meleng e { $amount }
    }
# REVIEW
without-price =
    { $count ->
        [one] Mola o le { $amount } ha o na theko: ha o yo tjheleteng.
       *[other] Mela e { $amount } ha e na ditheko: ha e yo tjheleteng.
    }
# REVIEW
no-prices = Ha ho ditheko tse tsejwang. Ho bona tjhelete, romela "sold 3 bread at R18 each"
# REVIEW
revenue = 📊 { $days }: { $money } ka thekiso
# REVIEW
revenue-unknown =
    📊 { $days }: ha ke kgone ho bolela hore ke bokae: ha ho ditheko tse tsejwang.
    Ho e bona, romela "sold 3 bread at R18 each"
# REVIEW
profit = 📊 { $days }: phaello { $money }
# REVIEW
profit-unknown =
    📊 { $days }: ha ke kgone ho bolela phaello. Ke hloka seo o se lefang le seo o rekisang ka sona.
    Romela "add 20 bread at R12 each" le "sold 3 bread at R18 each"
# REVIEW
not-in-profit =
    { $count ->
        [one] Mola o le { $amount } wa thekiso ha o yo: theko kapa ditjeo ha di tsejwe.
       *[other] Mela e { $amount } ya thekiso ha e yo: theko kapa ditjeo ha di tsejwe.
    }
# REVIEW
worth = 📦 Setoko sa hao se bitsitse { $money }
# REVIEW
worth-unknown =
    📦 Ha ke kgone ho bolela hore setoko sa hao se bitsa bokae: ha ho ditjeo tse tsejwang.
    Ho se bona, romela "add 20 bread at R12 each"
# REVIEW
not-in-worth =
    { $count ->
        [one] Ntho e le { $amount } ha e na ditjeo: ha e yo.
       *[other] Dintho tse { $amount } ha di na ditjeo: ha di yo.
    }
# REVIEW
this-week = Bekeng ena
# REVIEW
this-month = Kgweding ena
# REVIEW
which-days = ❓ Matsatsi afe? Romela tjena: "report yesterday" kapa "sales this week"

## Why a number is what it is

# REVIEW
last-counted = { $who } o badile { $amount }
# REVIEW
never-counted = Ha e so balwe.
# REVIEW
report-older = … tse kgale tse { $amount }
# REVIEW
below-since = Ka tlase ho noto ho tloha { $when }
# REVIEW
write-down = Ho na le se sa ngolwang. Ha o na le nako, romela "badile 0 { $item }"

## Files

# REVIEW
stock-file = 📄 Setoko sa hao
# REVIEW
movements-file = 📄 Se etsahetseng { $days }
# REVIEW
fewer-days = ⚠️ Ke ho hongata bakeng sa faele e le nngwe. Matsatsi afe?
# REVIEW
day-file-too-large = ⚠️ Ke ho hongata bakeng sa faele e le nngwe, le bakeng sa letsatsi. Ha ho letho le rometsweng.
# REVIEW
stock-file-too-large = ⚠️ Setoko sa hao ke se sengata bakeng sa faele e le nngwe mona. Ha ho letho le rometsweng.
