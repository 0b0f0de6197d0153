export const style = `*{box-sizing:border-box}`;
