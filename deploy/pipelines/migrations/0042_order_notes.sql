-- What the worked pipelines run: psql's own transaction, and rules that know each statement of it.
alter table public.orders add column note text;
update public.orders set note = '' where note is null;
