### Sentences that are the same for everybody.

help =
    I keep your stock. Write for example:
    "add 20 milk" · "sold 3 bread" · "2 eggs broke"
    "counted 40 screws" · "how many eggs" · "stock"
    "undo" takes the last one back.
    "report" · "history of milk" · "start count" · "export"
hello = 👋 Hello! Tell me what came in or was sold, like "add 20 bread" or "sold 3 milk"
welcome = 👍
not-understood = ❓ I did not get that. Try: "sold 3 bread", "add 20 milk", "how many eggs"
plain-words-only = ❓ I did not get that. Until tomorrow I only read plain sentences, like "sold 3 bread" or "add 20 milk"
nothing-changed = 👍 Nothing changed.
out-of-scope = I keep stock. I cannot do that yet.
not-yet = I cannot do that yet. Nothing changed. I can add, take off, count, show stock and undo.
stranger = This number is not linked to a shop. Ask the owner of the shop to add you.

## Messages that cannot be read

too-long = ❓ That is too long to read safely. Nothing changed. Send it in shorter messages.
cannot-read = ❓ I cannot read that kind of message. Nothing changed. Write it like "add 20 milk"
no-video = ❓ I cannot watch videos. Nothing changed. Write it like "add 20 milk"
no-location = I keep stock. I cannot use a place on the map. Nothing changed.
no-orders = I keep stock. I cannot take orders. Nothing changed. When it is sold, send "sold 3 bread"
file-lost = ❓ WhatsApp could not hand me that file. Nothing changed. Send a smaller one, or write it like "add 20 milk"

## Our fault

failed = ⚠️ Not saved, our side failed. Nothing changed. Send it again in a minute. Ref { $reference }
failed-in-doubt = ⚠️ Our side failed before we could answer. Send "stock" to see if it was saved before you send it again. Ref { $reference }

## A message that was changed or deleted after it was handled

stands-changed = ⚠️ You changed a message. Stock was not changed with it.
stands-deleted = ⚠️ You deleted a message. Stock was not changed back.
stands-changed-or-deleted = ⚠️ You changed or deleted a message. Stock was not changed back.
stands-unclear = ❓ I could not read that. If you changed or deleted a message: stock was not changed back.
# $lines: "+50 screws, −3 bread", or the next but one.
still-counts = Still counts: { $lines }
last-saved = Last saved: { $lines }
a-count = a count
stands-no-more = ↩️ What that message saved was undone before. Nothing changed.
changed-for-nothing = ❓ I cannot read a message that was changed later. Nothing changed. Send it again as a new one.
