### Sentences that are the same for everybody. The arguments are explained in en/talk.ftl.

help =
    Ek hou jou voorraad by. Skryf byvoorbeeld:
    "voeg 20 melk by" · "3 brood verkoop" · "2 eiers gebreek"
    "getel 40 skroewe" · "hoeveel eiers" · "voorraad"
    "ontdoen" vat die laaste een terug.
    "verslag" · "geskiedenis van melk" · "tel voorraad" · "stuur my voorraad"
hello = 👋 Hallo! Sê wat ingekom het of verkoop is, soos "voeg 20 brood by" of "3 melk verkoop"
welcome = 👍
not-understood = ❓ Ek het dit nie gekry nie. Probeer: "3 brood verkoop", "voeg 20 melk by", "hoeveel eiers"
plain-words-only = ❓ Ek het dit nie gekry nie. Tot môre lees ek net eenvoudige sinne, soos "3 brood verkoop" of "voeg 20 melk by"
nothing-changed = 👍 Niks het verander nie.
out-of-scope = Ek hou voorraad. Ek kan dit nog nie doen nie.
not-yet = Ek kan dit nog nie doen nie. Niks het verander nie. Ek kan byvoeg, aftrek, tel, voorraad wys en ontdoen.
stranger = Hierdie nommer is nie aan 'n winkel gekoppel nie. Vra die eienaar om jou by te voeg.

## Messages that cannot be read

too-long = ❓ Dit is te lank om veilig te lees. Niks het verander nie. Stuur dit in korter boodskappe.
cannot-read = ❓ Ek kan nie daardie soort boodskap lees nie. Niks het verander nie. Skryf dit soos "voeg 20 melk by"
no-video = ❓ Ek kan nie video's kyk nie. Niks het verander nie. Skryf dit soos "voeg 20 melk by"
no-location = Ek hou voorraad. Ek kan nie 'n plek op die kaart gebruik nie. Niks het verander nie.
no-orders = Ek hou voorraad. Ek kan nie bestellings neem nie. Niks het verander nie. As dit verkoop is, stuur "3 brood verkoop"
file-lost = ❓ WhatsApp kon nie daardie lêer vir my gee nie. Niks het verander nie. Stuur 'n kleiner een, of skryf dit soos "voeg 20 melk by"

## Our fault

failed = ⚠️ Nie gestoor nie, ons kant het gefaal. Niks het verander nie. Stuur dit oor 'n minuut weer. Verw { $reference }
failed-in-doubt = ⚠️ Ons kant het gefaal voor ons kon antwoord. Stuur "voorraad" om te sien of dit gestoor is voor jy dit weer stuur. Verw { $reference }

## A message that was changed or deleted after it was handled

stands-changed = ⚠️ Jy het 'n boodskap verander. Voorraad het nie saam verander nie.
stands-deleted = ⚠️ Jy het 'n boodskap uitgevee. Voorraad is nie terugverander nie.
stands-changed-or-deleted = ⚠️ Jy het 'n boodskap verander of uitgevee. Voorraad is nie terugverander nie.
stands-unclear = ❓ Ek kon dit nie lees nie. As jy 'n boodskap verander of uitgevee het: voorraad is nie terugverander nie.
still-counts = Tel nog: { $lines }
last-saved = Laas gestoor: { $lines }
a-count = 'n telling
stands-no-more = ↩️ Wat daardie boodskap gestoor het, is reeds ontdoen. Niks het verander nie.
changed-for-nothing = ❓ Ek kan nie 'n boodskap lees wat later verander is nie. Niks het verander nie. Stuur dit weer as 'n nuwe een.
