export function counter(): () => string {
  let number = 0;
  return () => {
    number += 1;
    return String(number);
  };
}
