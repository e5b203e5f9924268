/** What somebody typed into the fields of a form, by their names. */
export type FormFields = (name: string) => string;

export function fieldsOf(form: HTMLFormElement): FormFields {
  const data = new FormData(form);
  return (name) => {
    const value = data.get(name);
    return typeof value === 'string' ? value : '';
  };
}
