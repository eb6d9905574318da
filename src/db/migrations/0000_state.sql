CREATE TABLE `container_command` (
	`container_id` text NOT NULL,
	`position` integer NOT NULL,
	`argument` text NOT NULL,
	PRIMARY KEY(`container_id`, `position`),
	FOREIGN KEY (`container_id`) REFERENCES `containers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `container_env` (
	`container_id` text NOT NULL,
	`position` integer NOT NULL,
	`variable` text NOT NULL,
	PRIMARY KEY(`container_id`, `position`),
	FOREIGN KEY (`container_id`) REFERENCES `containers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `container_jail_parameters` (
	`container_id` text NOT NULL,
	`position` integer NOT NULL,
	`parameter` text NOT NULL,
	PRIMARY KEY(`container_id`, `position`),
	FOREIGN KEY (`container_id`) REFERENCES `containers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `containers` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`status` text NOT NULL,
	`image_id` text NOT NULL,
	`user` text NOT NULL,
	`workdir` text NOT NULL,
	`network_driver` text NOT NULL,
	`restart_policy` text NOT NULL,
	`persist` integer NOT NULL,
	`auto_remove` integer NOT NULL,
	`created` text NOT NULL,
	`started` text,
	`finished` text,
	`exit_code` integer,
	FOREIGN KEY (`image_id`) REFERENCES `images`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `containers_name_unique` ON `containers` (`name`);--> statement-breakpoint
CREATE INDEX `containers_image` ON `containers` (`image_id`);--> statement-breakpoint
CREATE TABLE `exec_command` (
	`exec_id` text NOT NULL,
	`position` integer NOT NULL,
	`argument` text NOT NULL,
	PRIMARY KEY(`exec_id`, `position`),
	FOREIGN KEY (`exec_id`) REFERENCES `execs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `exec_env` (
	`exec_id` text NOT NULL,
	`position` integer NOT NULL,
	`variable` text NOT NULL,
	PRIMARY KEY(`exec_id`, `position`),
	FOREIGN KEY (`exec_id`) REFERENCES `execs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `execs` (
	`id` text PRIMARY KEY NOT NULL,
	`container_id` text NOT NULL,
	`status` text NOT NULL,
	`first` integer NOT NULL,
	`user` text NOT NULL,
	`created` text NOT NULL,
	`exit_code` integer,
	FOREIGN KEY (`container_id`) REFERENCES `containers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `execs_container` ON `execs` (`container_id`);--> statement-breakpoint
CREATE TABLE `image_command` (
	`image_id` text NOT NULL,
	`position` integer NOT NULL,
	`argument` text NOT NULL,
	PRIMARY KEY(`image_id`, `position`),
	FOREIGN KEY (`image_id`) REFERENCES `images`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `image_env` (
	`image_id` text NOT NULL,
	`position` integer NOT NULL,
	`variable` text NOT NULL,
	PRIMARY KEY(`image_id`, `position`),
	FOREIGN KEY (`image_id`) REFERENCES `images`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `image_instructions` (
	`image_id` text NOT NULL,
	`position` integer NOT NULL,
	`line` text NOT NULL,
	`snapshot` text NOT NULL,
	PRIMARY KEY(`image_id`, `position`),
	FOREIGN KEY (`image_id`) REFERENCES `images`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `image_tags` (
	`name` text NOT NULL,
	`tag` text NOT NULL,
	`image_id` text NOT NULL,
	PRIMARY KEY(`name`, `tag`),
	FOREIGN KEY (`image_id`) REFERENCES `images`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `image_tags_image` ON `image_tags` (`image_id`);--> statement-breakpoint
CREATE TABLE `images` (
	`id` text PRIMARY KEY NOT NULL,
	`status` text NOT NULL,
	`snapshot` text NOT NULL,
	`parent_id` text,
	`user` text NOT NULL,
	`workdir` text NOT NULL,
	`created` text NOT NULL
);
