### What happened in some days, why a number is what it is, and files. The arguments are explained in en/reports.ftl.

## Reports

# REVIEW
report-nothing = 📊 { $days }: akukho okubhaliwe.
# REVIEW
nothing-sold = Akukho okuthengisiwe.
# REVIEW
none-sold = Akukho { $item } okuthengisiwe.
# REVIEW
ask-history = Angikwazi ukusho ukuthi bangaki { $item }. Thumela "history { $item }"
# REVIEW
first-stock = Isitoko sokuqala
# REVIEW
was-lost = Kulahlekile
# REVIEW
went-back = Kubuyiselwe
# REVIEW
counts-found = Ukubala kuthole
# REVIEW
report-best = Okudayisa kakhulu: { $items }
# REVIEW
report-low = Okuphelayo: { $items }
# REVIEW
report-margin =
    { $count ->
        [one] Inzuzo { $money } emgqeni o-{ $amount }
       *[other] Inzuzo { $money } emigqeni e-{ $amount }
    }
# REVIEW
without-price =
    { $count ->
        [one] Umugqa o-{ $amount } awunayo intengo: awukho emalini.
       *[other] Imigqa e-{ $amount } ayinazo izintengo: ayikho emalini.
    }
# REVIEW
no-prices = Azaziwa izintengo. Ukuze ubone imali, thumela "sold 3 bread at R18 each"
# REVIEW
revenue = 📊 { $days }: { $money } ngokuthengisa
# REVIEW
revenue-unknown =
    📊 { $days }: angikwazi ukusho ukuthi malini: azaziwa izintengo.
    Ukuze uyibone, thumela "sold 3 bread at R18 each"
# REVIEW
profit = 📊 { $days }: inzuzo { $money }
# REVIEW
profit-unknown =
    📊 { $days }: angikwazi ukusho inzuzo. Ngidinga okukhokhayo nothengisa ngakho.
    Thumela "add 20 bread at R12 each" no-"sold 3 bread at R18 each"
# REVIEW
not-in-profit =
    { $count ->
        [one] Umugqa o-{ $amount } wokuthengisa awukho kuyo: intengo noma izindleko azaziwa.
       *[other] Imigqa e-{ $amount } yokuthengisa ayikho kuyo: intengo noma izindleko azaziwa.
    }
# REVIEW
worth = 📦 Isitoko sakho sabiza { $money }
# REVIEW
worth-unknown =
    📦 Angikwazi ukusho ukuthi isitoko sakho sibiza malini: azaziwa izindleko.
    Ukuze ukubone, thumela "add 20 bread at R12 each"
# REVIEW
not-in-worth =
    { $count ->
        [one] Into e-{ $amount } ayinazo izindleko: ayikho kuyo.
       *[other] Izinto ezi-{ $amount } azinazo izindleko: azikho kuyo.
    }
# REVIEW
this-week = Leli sonto
# REVIEW
this-month = Le nyanga
# REVIEW
which-days = ❓ Eyaziphi izinsuku? Thumela kanje: "report yesterday" noma "sales this week"

## Why a number is what it is

# REVIEW
last-counted = { $who } ubale { $amount }
# REVIEW
never-counted = Akukaze kubalwe.
# REVIEW
report-older = … okudala okungu-{ $amount }
# REVIEW
below-since = Ngaphansi kukaziro kusukela { $when }
# REVIEW
write-down = Kukhona okungabhalwanga. Uma unesikhathi, thumela "ngibale 0 { $item }"

## Files

# REVIEW
stock-file = 📄 Isitoko sakho
# REVIEW
movements-file = 📄 Okwenzekile { $days }
# REVIEW
fewer-days = ⚠️ Kuningi kakhulu kwifayela elilodwa. Eyaziphi izinsuku?
# REVIEW
day-file-too-large = ⚠️ Kuningi kakhulu kwifayela elilodwa, nakusuku olulodwa. Akukho okuthunyelwe.
# REVIEW
stock-file-too-large = ⚠️ Isitoko sakho siningi kakhulu kwifayela elilodwa lapha. Akukho okuthunyelwe.
