// Boxes on paper, as [left, top, width, height] in mm: moved, resized and aligned, and never off the paper.
const LEAST = 1;  // mm
export const ALIGN = {
  l: "左端をそろえる", r: "右端をそろえる", t: "上端をそろえる", b: "下端をそろえる",
  w: "幅を同じに", h: "高さを同じに", v: "縦に等間隔",
};

export const round = (mm) => Math.round(mm * 10) / 10;

export function moveBoxes(boxes, across, down, [wide, tall]) {  // as far as all of them stay on the paper
  const [left, top, right, bottom] = around(boxes);
  const dx = Math.max(-left, Math.min(across, wide - right)), dy = Math.max(-top, Math.min(down, tall - bottom));
  for (const at of boxes) { at[0] = round(at[0] + dx); at[1] = round(at[1] + dy); }
}

export function resizeBox(at, across, down, [wide, tall]) {
  at[2] = round(Math.max(LEAST, Math.min(at[2] + across, wide - at[0])));
  at[3] = round(Math.max(LEAST, Math.min(at[3] + down, tall - at[1])));
}

export function align(items, how, paper) {  // by the first of them; an item keeps the places of its boxes to each other
  const groups = items.map((one) => one.parts.map((box) => box.at));
  const [first, ...others] = groups, [left, top, right, bottom] = around(first);
  if (how === "v") return spread(groups, paper);
  for (const boxes of others) {
    const own = around(boxes);
    if (how === "w") for (const at of boxes) resizeBox(at, first[0][2] - at[2], 0, paper);
    else if (how === "h") for (const at of boxes) resizeBox(at, 0, first[0][3] - at[3], paper);
    else moveBoxes(boxes, { l: left - own[0], r: right - own[2] }[how] ?? 0, { t: top - own[1], b: bottom - own[3] }[how] ?? 0, paper);
  }
}

function spread(groups, paper) {  // the gaps between them become alike; the uppermost and the lowest stay
  const sorted = [...groups].sort((one, other) => around(one)[1] - around(other)[1]);
  const heights = sorted.map((boxes) => around(boxes)[3] - around(boxes)[1]);
  const top = around(sorted[0])[1], bottom = around(sorted.at(-1))[3];
  const gap = (bottom - top - heights.reduce((sum, one) => sum + one, 0)) / (sorted.length - 1);
  let down = top;
  sorted.forEach((boxes, number) => { moveBoxes(boxes, 0, down - around(boxes)[1], paper); down += heights[number] + gap; });
}

function around(boxes) {  // left, top, right, bottom
  const least = (side) => Math.min(...boxes.map((at) => at[side]));
  const most = (side) => Math.max(...boxes.map((at) => at[side] + at[side + 2]));
  return [least(0), least(1), most(0), most(1)];
}
