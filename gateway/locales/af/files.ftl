### Voice notes, photos, documents, and the papers that were read from them. The arguments are explained in en/files.ftl.

## Files that cannot be read: each says that nothing changed

no-voice = 🎤 Ek kan nog nie na stemnotas luister nie. Niks het verander nie. Tik dit asseblief, soos "3 brood verkoop"
no-photo = Ek kan nog nie foto's lees nie. Niks het verander nie. Tik dit asseblief, soos "voeg 20 melk by"
no-document = Ek kan nog nie hierdie soort dokument lees nie. Niks het verander nie. 'n CSV- of Excel-tabel met die kolomme Item en Aantal werk.
voice-busy = ⚠️ Ek kan nie nou luister nie. Niks het verander nie. Tik dit asseblief, of stuur dit later weer.
file-busy = ⚠️ Ek kan dit nie nou lees nie. Niks het verander nie. Tik dit asseblief, of stuur dit later weer.
voice-unclear = ❓ Ek kon dit nie uitmaak nie. Niks het verander nie. Sê dit weer, of tik dit soos "3 brood verkoop"
file-unclear = ❓ Ek kon dit nie lees nie. Niks het verander nie. 'n Skerp, reguit foto van die hele papier werk die beste, of tik dit.
voice-empty = 🎤 Ek het niks gehoor nie. Niks het verander nie. Sê dit weer, of tik dit soos "3 brood verkoop"
photo-empty = Ek sien geen voorraad op daardie foto nie. Niks het verander nie.
document-empty = Ek sien geen voorraad in daardie dokument nie. Niks het verander nie.
file-gone = ⚠️ WhatsApp het nie meer daardie lêer nie. Niks het verander nie. Stuur dit asseblief weer.
file-too-large = ⚠️ Dit is te groot: hoogstens { $mebibytes } MB. Niks het verander nie. Stuur 'n korter of kleiner een.
file-unknown = ❓ Ek kan nie daardie soort lêer lees nie. Niks het verander nie. Ek lees stemnotas, foto's, PDF, CSV en Excel (xlsx).
too-many-lines = ❓ Dit het meer reëls as wat ek vir jou kan wys: hoogstens 60. Niks het verander nie. Stuur dit in dele.

## Fixing a paper

how-to-fix =
    Wat moet verander? Byvoorbeeld
    "2: 12" die getal van lyn 2
    "2 is melk" die item van lyn 2
    "verwyder 3"
no-such-line = ❓ Daar is nie so 'n lyn nie: dit het { $amount }. Niks het verander nie.
no-line-left = 👍 Geen lyn is oor nie. Niks het verander nie.
answer-in-words = Stuur "stoor alles", "maak reg" of "kanselleer"

## A paper

not-saved-yet = ❓ Nog nie gestoor nie:
paper-booked = ⚠️ Hierdie papier{ $number } is reeds geboek as #{ $reference }. Niks bygevoeg nie.
paper-booked-on = ⚠️ Hierdie papier{ $number } is reeds geboek as #{ $reference } op { $day } { $month }. Niks bygevoeg nie.
month =
    { $count ->
        [1] Januarie
        [2] Februarie
        [3] Maart
        [4] April
        [5] Mei
        [6] Junie
        [7] Julie
        [8] Augustus
        [9] September
        [10] Oktober
        [11] November
       *[12] Desember
    }
line-count = { $count ->
        [one] { $amount } lyn
       *[other] { $amount } lyne
    }
could-not-read = ❓ { $amount } kon ek nie lees nie: voeg met die hand by
mismatch = ⚠️ Die lyne is saam { $sum }, die papier sê { $total }
came-in = Ingekom
was-sold = Verkoop
came-back = Teruggekom
taken-off = Afgetrek
was-counted = Getel
all-of-it = alles
line-missing = nie in jou voorraad nie
line-unit = hoeveel in een?
line-fraction = net heel stukke
