### What happened in some days, why a number is what it is, and files. The arguments are explained in en/reports.ftl.

## Reports

# REVIEW
report-nothing = 📊 { $days }: akukho nto ibhaliweyo.
# REVIEW
nothing-sold = Akukho nto ithengisiweyo.
# REVIEW
none-sold = Akukho { $item } ithengisiweyo.
# REVIEW
ask-history = Andikwazi ukutsho ukuba zingaphi { $item }. Thumela "history { $item }"
# REVIEW
first-stock = Isitokhwe sokuqala
# REVIEW
was-lost = Ilahlekile
# REVIEW
went-back = Ibuyiselwe
# REVIEW
counts-found = Ukubala kufumene
# REVIEW
report-best = Ezithengiswa kakhulu: { $items }
# REVIEW
report-low = Eziphelayo: { $items }
# REVIEW
report-margin =
    { $count ->
        [one] Inzuzo { $money } kumgca o-{ $amount }
       *[other] Inzuzo { $money } kwimigca e-{ $amount }
    }
# REVIEW
without-price =
    { $count ->
        [one] Umgca o-{ $amount } awunaxabiso: awukho emalini.
       *[other] Imigca e-{ $amount } ayinamaxabiso: ayikho emalini.
    }
# REVIEW
no-prices = Akwaziwa maxabiso. Ukubona imali, thumela "sold 3 bread at R18 each"
# REVIEW
revenue = 📊 { $days }: { $money } ngentengiso
# REVIEW
revenue-unknown =
    📊 { $days }: andikwazi ukutsho ukuba yimalini: akwaziwa maxabiso.
    Ukuyibona, thumela "sold 3 bread at R18 each"
# REVIEW
profit = 📊 { $days }: inzuzo { $money }
# REVIEW
profit-unknown =
    📊 { $days }: andikwazi ukutsho inzuzo. Ndifuna oko ukuhlawulayo nothengisa ngako.
    Thumela "add 20 bread at R12 each" no-"sold 3 bread at R18 each"
# REVIEW
not-in-profit =
    { $count ->
        [one] Umgca o-{ $amount } wentengiso awukho kuyo: ixabiso okanye iindleko azaziwa.
       *[other] Imigca e-{ $amount } yentengiso ayikho kuyo: ixabiso okanye iindleko azaziwa.
    }
# REVIEW
worth = 📦 Isitokhwe sakho sabiza { $money }
# REVIEW
worth-unknown =
    📦 Andikwazi ukutsho ukuba isitokhwe sakho sixabisa malini: akwaziwa zindleko.
    Ukukubona, thumela "add 20 bread at R12 each"
# REVIEW
not-in-worth =
    { $count ->
        [one] Into e-{ $amount } ayinazindleko: ayikho kuyo.
       *[other] Izinto ezi-{ $amount } azinazindleko: azikho kuyo.
    }
# REVIEW
this-week = Le veki
# REVIEW
this-month = Le nyanga
# REVIEW
which-days = ❓ Eyaziphi iintsuku? Yithumele ngolu hlobo: "report yesterday" okanye "sales this week"

## Why a number is what it is

# REVIEW
last-counted = { $who } ubale { $amount }
# REVIEW
never-counted = Ayizange ibalwe.
# REVIEW
report-older = … ezindala ezi-{ $amount }
# REVIEW
below-since = Ngaphantsi kweqanda ukususela { $when }
# REVIEW
write-down = Kukho into engabhalwanga. Xa unexesha, thumela "ndibale 0 { $item }"

## Files

# REVIEW
stock-file = 📄 Isitokhwe sakho
# REVIEW
movements-file = 📄 Okwenzekileyo { $days }
# REVIEW
fewer-days = ⚠️ Kuninzi kakhulu kwifayile enye. Eyaziphi iintsuku?
# REVIEW
day-file-too-large = ⚠️ Kuninzi kakhulu kwifayile enye, nakusuku olunye. Akukho nto ithunyelweyo.
# REVIEW
stock-file-too-large = ⚠️ Isitokhwe sakho sininzi kakhulu kwifayile enye apha. Akukho nto ithunyelweyo.
