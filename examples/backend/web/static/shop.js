"use strict";

// The page of an order shows the order as it is: it is fetched anew when the order's
// version has changed.
async function follow(live) {
	for (;;) {
		await new Promise((resolve) => setTimeout(resolve, 600));
		live = document.getElementById("live");
		if (!live.hasAttribute("data-live")) {
			return;
		}
		try {
			const version = await fetch(location.pathname + "/version", {cache: "no-store"});
			if (!version.ok || await version.text() === live.dataset.version) {
				continue;
			}
			const page = await fetch(location.pathname, {cache: "no-store"});
			if (page.ok) {
				const parsed = new DOMParser().parseFromString(await page.text(), "text/html");
				live.replaceWith(parsed.getElementById("live"));
				countDown();
			}
		} catch {
			// The network is away; the next round asks again.
		}
	}
}

function countDown() {
	const left = document.querySelector("[data-left]");
	if (!left) {
		return;
	}
	const end = Date.now() + 1000 * left.dataset.left;
	const show = () => {
		const s = Math.max(0, Math.round((end - Date.now()) / 1000));
		left.textContent = Math.floor(s / 60) + ":" + String(s % 60).padStart(2, "0");
		if (s > 0 && left.isConnected) {
			setTimeout(show, 1000);
		}
	};
	show();
}

function sum(form) {
	const most = 4;
	const format = new Intl.NumberFormat("ru", {style: "currency", currency: "RUB", maximumFractionDigits: 2, minimumFractionDigits: 0});
	const total = form.querySelector("[data-total]");
	const update = () => {
		let amount = 0, n = 0;
		for (const input of form.querySelectorAll("[data-price]")) {
			const count = input.type === "checkbox" ? Number(input.checked) : Number(input.value);
			n += count;
			amount += count * Number(input.dataset.price);
		}
		for (const input of form.querySelectorAll("input[type=checkbox]")) {
			input.disabled = n >= most && !input.checked;
		}
		total.textContent = n > 0 ? format.format(amount) : "";
	};
	form.addEventListener("input", update);
	update();
}

const live = document.getElementById("live");
if (live) {
	follow(live);
	countDown();
}
const choices = document.querySelector("form[data-sum]");
if (choices && choices.querySelector("[data-total]")) {
	sum(choices);
}
// A page that the back button brings back may be out of date.
addEventListener("pageshow", (e) => {
	if (e.persisted && live) {
		location.reload();
	}
});
