"""The words of a team's own page, by the names under which its scripts know them."""

from __future__ import annotations

from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.labels import LABELS, label

_WORDS = {
    "onDuty": N_("On duty"),
    "offDuty": N_("Off duty"),
    "goOn": N_("Go on duty"),
    "goOff": N_("Go off duty"),
    "connected": N_("Connected"),
    "away": N_("No connection"),
    "waiting": N_("Waiting to be sent ({number})"),
    "signedOut": N_("Signed out. What waits is kept and sent after the next sign-in."),
    "signIn": N_("Sign in"),
    "signOut": N_("Sign out"),
    "leaveQueue": N_("Some reports are not sent yet and would be lost. Sign out all the same?"),
    "position": N_("Last position {age}"),
    "noPosition": N_("No position sent yet"),
    "positionOff": N_("Positions are sent on duty only"),
    "noPlace": N_("The telephone gives no position. Allow it for this page, or tap the map."),
    "justNow": N_("just now"),
    "secondsAgo": N_("{number} s ago"),
    "minutesAgo": N_("{number} min ago"),
    "hoursAgo": N_("{number} h ago"),
    "today": N_("Order of {day}"),
    "noOrder": N_("No order for today."),
    "noOrderHint": N_("It appears here as soon as a plan is published."),
    "closed": N_("This plan is closed."),
    "driven": N_("driven"),
    "walked": N_("walked"),
    "confirm": N_("Confirm the order"),
    "confirmed": N_("Order confirmed"),
    "next": N_("Next stop"),
    "stops": N_("All stops"),
    "progress": N_("{done} of {all} done"),
    "finished": N_("All stops are dealt with."),
    "planned": N_("planned {arrive}–{leave}"),
    "late": N_("{minutes} min late"),
    "lateHours": N_("{hours} h {minutes} min late"),
    "arrivedAt": N_("arrived {time}"),
    "doneAt": N_("done {time}"),
    "cannotAt": N_("could not be done, {time}"),
    "navigate": N_("Navigate"),
    "amap": N_("Amap"),
    "arrive": N_("Arrived"),
    "done": N_("Finished"),
    "cannot": N_("Cannot be done"),
    "why": N_("Why"),
    "note": N_("Note"),
    "noteAsked": N_("Say in a few words why"),
    "photo": N_("Photo"),
    "choosePhoto": N_("Take or choose a photo"),
    "photoAdded": N_("Photo added"),
    "photoUnreadable": N_("This file is no photo that can be read."),
    "photoOf": N_("Of places and things, not of persons"),
    "send": N_("Submit"),
    "cancel": N_("Cancel"),
    "task": N_("Task from the command room"),
    "taskWay": N_("{minutes} min, {km} km by road"),
    "setOut": N_("Has set out"),
    "onSpot": N_("Has arrived"),
    "taskDone": N_("Has finished"),
    "report": N_("Report a hazard"),
    "kind": N_("Kind"),
    "severity": N_("Severity"),
    "what": N_("In a few words what is wrong"),
    "where": N_("Place"),
    "whereGps": N_("Where the telephone is (± {metres} m)"),
    "whereTap": N_("Tap the map where it is"),
    "whereAsked": N_("The place is missing: allow the position, or tap the map."),
    "reported": N_("Hazard reported."),
    "kept": N_("Kept, and sent as soon as there is a connection."),
    "refused": N_("Not taken: {what}"),
    "understood": N_("Understood"),
    "mapOf": N_("Map of the next stop"),
    "unavailable": N_("Nothing is kept on this telephone yet. Open the page once with a connection."),
}


def build_team_words(translate: Translate) -> dict[str, str]:
    """Name → word; the values of stops, tasks and severities as group.value."""
    words = {name: translate(text) for name, text in _WORDS.items()}
    for group in ("stop_state", "dispatch_state", "severity", "team_kind"):
        words |= {f"{group}.{value}": label(group, value, translate) for value in LABELS[group]}
    return words
